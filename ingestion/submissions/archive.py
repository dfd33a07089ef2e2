"""What is checked on the raw bytes of a file from outside, before any reader touches it.

``open_archive`` unpacks a file within limits and refuses what is broken, hidden or hostile. What
the parts mean is the business of ``excel`` and ``csv_bundle``. Readers are given the parts as they
were unpacked here, never the original archive, so no two programs can see two different archives.
"""

import codecs
import io
import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Literal
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ingestion.submissions.cells import Place
from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.form import FORMS, IDENTITY_SHEET, form_entry

MEGABYTE = 1_000_000
PACKED_LIMIT = 20 * MEGABYTE
UNPACKED_LIMIT = 200 * MEGABYTE
MEMBERS_LIMIT = 1_000
CHUNK = 1 << 16
# ElementTree's own. With one, the parser also refuses prefixes that stand for nothing.
NAMESPACE_SEPARATOR = "}"

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The name of the stream in which Office keeps an encrypted package.
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm"})
BUNDLE_SUFFIX, EXPORT_SUFFIX = ".zip", ".csv"
WORKBOOK_PART = "xl/workbook.xml"
XML_SUFFIXES = (".xml", ".rels")
# Office writes these as tag soup, so they are looked through but not parsed.
SOUP_SUFFIX = ".vml"

CENTRAL_SIGNATURE, LOCAL_SIGNATURE = b"PK\x01\x02", b"PK\x03\x04"
LOCAL_HEADER = struct.Struct("<4s22xHH")
FLAG_ENCRYPTED, FLAG_STRONG, FLAG_MASKED, FLAG_UTF8 = 0x1, 0x40, 0x2000, 0x800
METHOD_AES = 99
ZIP_ERRORS = (
    BadZipFile,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)

# Python loads a code page when it is first used, and a limited process can load nothing.
for _page in ("cp437", "cp850"):
    codecs.lookup(_page)

DRIVE = re.compile(r"[A-Za-z]:")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
PLAIN_ENCODINGS = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})
MACRO = re.compile(r"(^|/)(vbaproject[^/]*\.bin$|macrosheets/|activex/|ctrlprops/)", re.IGNORECASE)
LINKING = re.compile(r"^xl/(externallinks/|connections\.xml|querytables/)", re.IGNORECASE)
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
# Office's own names. Any other may be that of a person.
OFFICE_NAME = re.compile(r"(?:xl/|docProps/|_rels/|\[Content_Types\])")
OTHER_SHEETS = frozenset({IDENTITY_SHEET, "Vejledning", "Kontrol", "CDP"})
NOT_SHOWN = "…"
CLUTTER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")


class RefusedError(Exception):
    """A file that is not read any further, and why. ``figures`` are what the code's texts name."""

    def __init__(
        self, code: str, place: Place | None = None, found: str | None = None, **figures: str | int
    ) -> None:
        super().__init__(code)
        self.code = code
        self.place = place or Place()
        self.found = found
        self.figures = figures

    def finding(self) -> Finding:
        """The same in words."""
        figures: dict[str, Any] = dict(self.figures)
        return finding(self.code, self.place, found=self.found, **figures)


@dataclass(frozen=True)
class Archive:
    """An unpacked file: its XML or CSV parts by name; other parts are counted and dropped."""

    kind: Literal["workbook", "csv_bundle"]
    parts: Mapping[str, bytes]
    has_macros: bool
    has_external_links: bool


def open_archive(file_name: str, content: bytes) -> Archive:
    """Check a file and unpack it.

    Args:
        file_name: as the sender called it; only its ending is used.
        content: the bytes of the file, a workbook or a bundle.

    Returns:
        The parts that a reader needs, each well-formed UTF-8 XML or a CSV file.

    Raises:
        RefusedError: the file is empty, too large, of another type, encrypted, broken or unsafe.
    """
    check_size(content)
    suffix = check_type(file_name, content)
    parts, names = _unpack(content)
    kind = _kind(suffix, names)
    for name, part in parts.items():
        _check_part(name, part)
    return Archive(
        kind=kind,
        parts=parts,
        has_macros=any(MACRO.search(name) for name in names),
        has_external_links=_has_external_links(parts, names),
    )


def check_size(content: bytes) -> None:
    """Refuse a file that is empty or too large.

    Raises:
        RefusedError: it is.
    """
    if not content:
        raise RefusedError("file-empty")
    if len(content) > PACKED_LIMIT:
        size = f"{len(content) / MEGABYTE:.1f}".replace(".", ",")
        raise RefusedError("file-too-large", size_mb=size, limit_mb=PACKED_LIMIT // MEGABYTE)


def check_type(file_name: str, content: bytes) -> str:
    """Compare the ending of a file's name with its first bytes.

    Returns:
        The ending in lower case.

    Raises:
        RefusedError: an ending that is not read, or content of another type.
    """
    path = PurePosixPath(file_name.replace("\\", "/"))
    suffix = path.suffix.lower()
    if suffix not in {*WORKBOOK_SUFFIXES, BUNDLE_SUFFIX, EXPORT_SUFFIX}:
        raise RefusedError("file-type-unknown", found=shown_suffix(suffix))
    if content.startswith(OLE_MAGIC) and ENCRYPTED_STREAM in content:
        raise RefusedError("file-encrypted")
    if not _looks_like(suffix, content):
        raise RefusedError("file-type-mismatch", found=suffix)
    return suffix


def _looks_like(suffix: str, content: bytes) -> bool:
    if suffix == EXPORT_SUFFIX:
        return not content.startswith((*ZIP_MAGIC, OLE_MAGIC))
    return content.startswith(ZIP_MAGIC)


@cache
def sheets_of_forms() -> frozenset[str]:
    """The names of every sheet that we make."""
    entries = (form_entry(path.stem) for path in FORMS.glob("*.yml"))
    return OTHER_SHEETS.union(sheet.name for entry in entries for sheet in entry.sheets)


def shown_name(name: str) -> str:
    """A part of a file as it may be named in a finding: only Office's own names and our sheets."""
    is_sheet = PurePosixPath(name).name.removesuffix(EXPORT_SUFFIX) in sheets_of_forms()
    is_ours = OFFICE_NAME.match(name) or (is_sheet and "/" not in name)
    return name if is_ours else NOT_SHOWN


def shown_suffix(suffix: str) -> str:
    """The ending of a file's name as it may be told: what follows a dot may be a person's name."""
    return suffix if SUFFIX.fullmatch(suffix) else NOT_SHOWN


def sheet_refusal(
    code: str, name: str, position: int, found: str | None = None, **figures: str | int
) -> RefusedError:
    """A refusal for the sake of a sheet: our own by its name, another by its place in the file."""
    if name in sheets_of_forms():
        return RefusedError(code, Place(name), found, **figures)
    return RefusedError(code, None, found, sheet=f"nr. {position}", **figures)


def _kind(suffix: str, names: list[str]) -> Literal["workbook", "csv_bundle"]:
    is_workbook = WORKBOOK_PART in names
    if is_workbook and suffix == BUNDLE_SUFFIX:
        raise RefusedError("file-type-mismatch", found=suffix)
    if is_workbook:
        return "workbook"
    if suffix == BUNDLE_SUFFIX and any(name.lower().endswith(".csv") for name in names):
        return "csv_bundle"
    raise RefusedError("file-not-a-workbook")


def _unpack(content: bytes) -> tuple[dict[str, bytes], list[str]]:
    """The parts that are kept, and the names of all."""
    # Counted before zipfile makes an object of each: a directory of 20 MB holds 450,000 of them.
    count = content.count(CENTRAL_SIGNATURE)
    if count > MEMBERS_LIMIT:
        raise RefusedError("archive-too-many-members", count=count, limit=MEMBERS_LIMIT)
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            members = _checked_members(archive, content)
            return dict(_inflated(archive, members)), list(members)
    except ZIP_ERRORS as error:
        raise RefusedError("archive-broken") from error


def _checked_members(archive: ZipFile, content: bytes) -> dict[str, ZipInfo]:
    members: dict[str, ZipInfo] = {}
    seen: set[str] = set()
    for info in archive.infolist():
        name = _checked_name(info)
        _check_member(info, name)
        if name.casefold() in seen:
            raise RefusedError("archive-duplicate-member", found=shown_name(name))
        seen.add(name.casefold())
        if not name.endswith("/"):
            members[name] = info
    _check_layout(archive, content)
    return members


def _checked_name(info: ZipInfo) -> str:
    name = unicodedata.normalize("NFC", _decoded_name(info)).replace("\\", "/")
    segments = name.removesuffix("/").split("/")
    is_elsewhere = DRIVE.match(name) or not {"", ".", ".."}.isdisjoint(segments)
    if is_elsewhere or CONTROL.search(name):
        raise RefusedError("archive-unsafe-name", found=shown_name(CONTROL.sub("?", name)))
    return name


def _decoded_name(info: ZipInfo) -> str:
    """The name in Danish letters: Windows packs in code page 850, macOS in unmarked UTF-8."""
    if info.flag_bits & FLAG_UTF8:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp850")


def _check_member(info: ZipInfo, name: str) -> None:
    if info.flag_bits & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED):
        raise RefusedError("file-encrypted")
    if info.compress_type == METHOD_AES:
        raise RefusedError("file-encrypted")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise RefusedError("archive-broken")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedError("archive-linked-member", found=shown_name(name))


def _check_layout(archive: ZipFile, content: bytes) -> None:
    """No two members may share bytes, which is how small files unpack to large ones.

    And none may be skipped: zipfile does not compare its list with the number of entries.
    """
    if content.count(CENTRAL_SIGNATURE, archive.start_dir) != len(archive.infolist()):
        raise RefusedError("archive-broken")
    free_from = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        start = info.header_offset
        if start < free_from:
            raise RefusedError("archive-broken")
        signature, name_length, extra_length = LOCAL_HEADER.unpack_from(content, start)
        if signature != LOCAL_SIGNATURE:
            raise RefusedError("archive-broken")
        free_from = start + LOCAL_HEADER.size + name_length + extra_length + info.compress_size
    if free_from > archive.start_dir:
        raise RefusedError("archive-broken")


def _inflated(archive: ZipFile, members: Mapping[str, ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """Unpack every member; what no reader needs is counted and its checksum compared, not kept."""
    left = UNPACKED_LIMIT
    for name, info in members.items():
        is_kept = _is_kept(name)
        chunks: list[bytes] = []
        with archive.open(info) as handle:
            while chunk := handle.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    limit = UNPACKED_LIMIT // MEGABYTE
                    raise RefusedError("archive-too-large-unpacked", limit_mb=limit)
                if is_kept:
                    chunks.append(chunk)
        if is_kept:
            yield name, b"".join(chunks)


def _is_kept(name: str) -> bool:
    wanted = (*XML_SUFFIXES, SOUP_SUFFIX, ".csv")
    return name.lower().endswith(wanted) and not CLUTTER.search(name)


def _check_part(name: str, part: bytes) -> None:
    if name.lower().endswith(XML_SUFFIXES):
        _check_xml(name, part)
    elif name.lower().endswith(SOUP_SUFFIX) and DECLARATION.search(part.replace(b"\x00", b"")):
        raise RefusedError("archive-doctype", found=shown_name(name))


def _check_xml(name: str, part: bytes) -> None:
    """Well-formed, without document type, and in UTF-8, which is what byte scans rely on."""

    def refuse_doctype(*_: Any) -> None:
        raise RefusedError("archive-doctype", found=shown_name(name))

    def check_encoding(_: str, encoding: str | None, __: int) -> None:
        declared.append(encoding.lower() if encoding else None)

    declared: list[str | None] = []
    parser = expat.ParserCreate(namespace_separator=NAMESPACE_SEPARATOR)
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.EntityDeclHandler = refuse_doctype
    parser.XmlDeclHandler = check_encoding
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise RefusedError("archive-broken") from error
    if not PLAIN_ENCODINGS.issuperset(declared) or b"\x00" in part[:4]:
        raise RefusedError("archive-broken")


def _has_external_links(parts: Mapping[str, bytes], names: list[str]) -> bool:
    if any(LINKING.match(name) for name in names):
        return True
    relations = (part for name, part in parts.items() if name.endswith(".rels"))
    return any(_is_external(entry) for part in relations for entry in ElementTree.fromstring(part))  # noqa: S314


def _is_external(relation: ElementTree.Element) -> bool:
    """A plain hyperlink is something to click, not something that a program fetches."""
    is_link = relation.get("Type", "").endswith("/hyperlink")
    return relation.get("TargetMode") == "External" and not is_link
