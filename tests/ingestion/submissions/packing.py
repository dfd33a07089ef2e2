"""Workbooks and archives made by hand, part by part: good ones, and ones that are not."""

import io
import struct
import zipfile
from collections.abc import Mapping
from unicodedata import normalize
from xml.sax.saxutils import quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPES = {
    "/xl/workbook.xml": "sheet.main",
    "/xl/styles.xml": "styles",
    "/xl/sharedStrings.xml": "sharedStrings",
}
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
SYMLINK, DIRECTORY_ATTRIBUTES = 0o120777 << 16, 0o100644 << 16
LOCAL_FLAG, CENTRAL_FLAG = 6, 8


def relations(*entries: tuple[str, str, str], extra: str = "") -> str:
    """A relationship part of (id, last word of the type, target)."""
    listed = "".join(
        f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for id_, kind, target in entries
    )
    return f'<Relationships xmlns="{PACKAGE}">{listed}{extra}</Relationships>'


def sheet_xml(rows: str, before: str = "", after: str = "") -> str:
    """A sheet of the given rows."""
    data = f"{before}<sheetData>{rows}</sheetData>{after}"
    return f'<worksheet xmlns="{MAIN}">{data}</worksheet>'


def workbook_parts(
    sheets: Mapping[str, str],
    *,
    styles: tuple[str, ...] = ("General",),
    strings: tuple[str, ...] = (),
    properties: str = "",
    states: Mapping[str, str] | None = None,
) -> dict[str, str | bytes]:
    """The parts of a small workbook.

    Args:
        sheets: XML by name.
        styles: number format of each style.
        strings: content of each shared string.
        properties: attributes of the workbook's properties.
        states: by sheet, such as ``veryHidden``.
    """
    numbered = list(enumerate(sheets, 1))
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"'
        f' state="{(states or {}).get(name, "visible")}"/>'
        for n, name in numbered
    )
    formats = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode={quoteattr(code)}/>'
        for n, code in enumerate(styles)
    )
    used = "".join(f'<xf numFmtId="{200 + n}"/>' for n, _ in enumerate(styles))
    shared = "".join(f"<si>{string}</si>" for string in strings)
    targets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n, _ in numbered]
    more = [("rIdT", "styles", "styles.xml"), ("rIdS", "sharedStrings", "sharedStrings.xml")]
    types = {**CONTENT_TYPES, **{f"/xl/worksheets/sheet{n}.xml": "worksheet" for n, _ in numbered}}
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{CONTENT}.{kind}+xml"/>'
        for part, kind in types.items()
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr {properties}/>'
        f'<sheets>{listed}</sheets><calcPr calcId="191029"/></workbook>',
        "xl/_rels/workbook.xml.rels": relations(*targets, *more),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts>'
        f"<cellXfs>{used}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        **{f"xl/worksheets/sheet{n}.xml": sheets[name] for n, name in numbered},
    }


def zipped(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Parts as a zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


def zipped_members(members: list[tuple[zipfile.ZipInfo, str | bytes]]) -> bytes:
    """A good workbook and further members as they are given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in good_parts().items():
            archive.writestr(name, part)
        for info, part in members:
            archive.writestr(info, part)
    return packed.getvalue()


def good_parts() -> dict[str, str | bytes]:
    """A workbook with one number in it."""
    return workbook_parts({"Ark": sheet_xml('<row r="1"><c r="A1"><v>42</v></c></row>')})


def good_workbook() -> bytes:
    """The same as a file."""
    return zipped(good_parts())


def with_part(name: str, part: str | bytes) -> bytes:
    """The good workbook with one part put in or replaced."""
    return zipped({**good_parts(), name: part})


def without_part(name: str) -> bytes:
    """The good workbook without one of its parts."""
    return zipped({key: part for key, part in good_parts().items() if key != name})


def with_rows(rows: str, before: str = "") -> bytes:
    """A workbook with the given rows."""
    return with_part(SHEET, sheet_xml(rows, before))


def with_merged(*areas: str, around: str = "") -> bytes:
    """A workbook with merged ranges."""
    listed = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    after = f"<mergeCells>{around}{listed}</mergeCells>"
    return with_part(SHEET, sheet_xml('<row r="1"><c r="A1"><v>42</v></c></row>', after=after))


def pair(row: int) -> str:
    """Two cells beside each other."""
    return f"A{row}:B{row}"


def with_member(name: str, part: str | bytes = "", attributes: int = DIRECTORY_ATTRIBUTES) -> bytes:
    """The good workbook and one more member, its name kept as it is."""
    info = zipfile.ZipInfo("x")
    info.filename, info.external_attr = name, attributes
    return zipped_members([(info, part)])


def with_flag(flag: int) -> bytes:
    """The good workbook with a flag set in every header."""
    content = bytearray(good_workbook())
    for signature, offset in ((b"PK\x03\x04", LOCAL_FLAG), (b"PK\x01\x02", CENTRAL_FLAG)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= flag
            at = content.find(signature, at + 4)
    return bytes(content)


def overlapping() -> bytes:
    """Two members of the directory share one body."""
    content = bytearray(zipped({**good_parts(), "xl/a.xml": "<a/>", "xl/b.xml": "<a/>"}))
    last = content.rfind(b"PK\x01\x02")
    before = content.rfind(b"PK\x01\x02", 0, last)
    content[last + 42 : last + 46] = content[before + 42 : before + 46]
    return bytes(content)


def quoted_overlap() -> bytes:
    """A member whose body holds the next one, header and all."""
    inner = zipped({"xl/b.xml": "<b/>"}, zipfile.ZIP_STORED)
    body = inner[: inner.find(b"PK\x01\x02")]
    content = bytearray(zipped({**good_parts(), "xl/a.xml": body, "xl/b.xml": "<b/>"}, 0))
    last = content.rfind(b"PK\x01\x02")
    start = content.find(body[:30])
    content[last + 42 : last + 46] = struct.pack("<I", start)
    return bytes(content)


def bad_checksum() -> bytes:
    """A stored member with one letter changed."""
    parts = {**good_parts(), "xl/a.xml": "<a>unchanged</a>"}
    return zipped(parts, zipfile.ZIP_STORED).replace(b">unchanged<", b">unchangeD<")


def bomb(megabytes: int, name: str = "xl/media/picture.bin") -> bytes:
    """A small file that unpacks to a large one."""
    packed = io.BytesIO(good_workbook())
    blank = bytes(1_000_000)
    archive = zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open(name, "w", force_zip64=True) as member:
        for _ in range(megabytes):
            member.write(blank)
    return packed.getvalue()


def lying_bomb() -> bytes:
    """Its directory says that the large member is a few bytes long."""
    content = bytearray(bomb(250))
    last = content.rfind(b"PK\x01\x02")
    content[last + 24 : last + 28] = struct.pack("<I", 10)
    return bytes(content)


def many_sheets_bomb() -> bytes:
    """Many large parts of white space, each below the limit."""
    blank = sheet_xml(" " * 30_000_000)
    return zipped({**good_parts(), **{f"xl/worksheets/x{n}.xml": blank for n in range(8)}})


def utf16(text: str) -> bytes:
    """A part in UTF-16, where a search for bytes finds nothing."""
    return text.encode("utf-16")


def nested_xml() -> bytes:
    """A sheet of elements in elements in elements."""
    return with_part(SHEET, sheet_xml("<a>" * 1_000_000 + "</a>" * 1_000_000))


def string_amplifier() -> bytes:
    """One long shared string in many cells."""
    cells = "".join(f'<c r="A{n}" t="s"><v>0</v></c>' for n in range(1, 7_000))
    text = f"<t>{'x' * 1_000_000}</t>"
    return zipped(workbook_parts({"Ark": sheet_xml(f"<row>{cells}</row>")}, strings=(text,)))


def crowded() -> bytes:
    """More cells than any form has."""
    rows = (
        f'<row r="{row}">'
        + "".join(f'<c r="{letter}{row}"><v>1</v></c>' for letter in "ABCDEFGHIJ")
        + "</row>"
        for row in range(1, 50_001)
    )
    return with_rows("".join(rows))


def swollen() -> dict[str, bytes]:
    """Exports as large as a file may be, each of one thing."""
    size = 19_900_000
    return {
        "empty lines": b"a,b\n" + b"\n" * size,
        "empty fields": b"a,b\n" + (b"," * 400 + b"\n") * (size // 401),
        "short fields": b"a,b\n" + b"x,y\n" * (size // 4),
        "long fields": b"a,b\n" + (b"x" * 130_000 + b",y\n") * (size // 130_003),
        "one field": b"a,b\n" + b"x" * size,
        "control characters": b"a,b\n" + (b"\x01" * 100 + b",y\n") * (size // 103),
        "rare letters": b"a,b\n" + ("\U0001f332" * 25 + ",y\n").encode() * (size // 103),
        "quotes": b"a,b\n" + b'"""",\n' * (size // 6),
    }


def composed_and_decomposed(name: str) -> tuple[str, str]:
    """One name, in the two ways that its letters can be written."""
    return normalize("NFC", name), normalize("NFD", name)


def bundle(**files: str | bytes) -> bytes:
    """CSV files by sheet name."""
    return zipped({f"{name}.csv": text for name, text in files.items()})


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
DOCX = zipped({"word/document.xml": "<document/>", "_rels/.rels": relations()})
EBCDIC = '<?xml version="1.0" encoding="cp037"?><!DOCTYPE a><a/>'.encode("cp037")
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
PREFIXED = (
    f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="XFD1048576"><x:v>1</x:v>'
    "</x:c></x:row></x:sheetData></x:worksheet>"
)
LINK = f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/elsewhere.xml"/>'
ELSEWHERE = relations(("rId1", "officeDocument", "xl/other.xml"))
XLSX = "indberetning.xlsx"
ZIP = "indberetning.zip"
CSV = "udtræk.csv"
