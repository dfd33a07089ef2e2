"""The checks on raw bytes: what is let through, what is noticed, and what a name may be.

Files that are refused stand in ``hostile``; each is read in the sandbox's own tests.
"""

import io
import zipfile

import pytest

from ingestion.submissions.archive import (
    MEMBERS_LIMIT,
    PACKED_LIMIT,
    Archive,
    RefusedError,
    check_size,
    check_type,
    open_archive,
)
from ingestion.submissions.findings import codes
from tests.ingestion.submissions.hostile import HOSTILE, Hostile
from tests.ingestion.submissions.packing import (
    SHEET,
    XLSX,
    ZIP,
    bomb,
    composed_and_decomposed,
    good_parts,
    good_workbook,
    relations,
    with_member,
    with_part,
    zipped,
)

HYPERLINK = '<Relationship Id="r9" Type="x/hyperlink" Target="https://a.dk" TargetMode="External"/>'
PICTURE = '<Relationship Id="r9" Type="x/image" Target="https://a.dk/p" TargetMode="External"/>'
SHEET_RELATIONS = "xl/worksheets/_rels/sheet1.xml.rels"
AT_THIS_STAGE = ("file-", "archive-")
# Built once for the sandbox, which is enough.
SLOW_TO_BUILD = {"archive-too-large-unpacked", "archive-too-many-members", "file-too-much-content"}


def opened(content: bytes, name: str = XLSX) -> Archive:
    return open_archive(name, content)


def is_found_here(hostile: Hostile) -> bool:
    return hostile.code.startswith(AT_THIS_STAGE) and hostile.code not in SLOW_TO_BUILD


def test_there_are_enough_hostile_files_and_each_code_is_declared() -> None:
    assert len({hostile.name for hostile in HOSTILE}) == len(HOSTILE) >= 60
    assert {hostile.code for hostile in HOSTILE} <= set(codes())


def test_a_good_workbook_is_unpacked_whole() -> None:
    archive = opened(good_workbook())
    assert archive.kind == "workbook"
    assert {name: part.decode() for name, part in archive.parts.items()} == good_parts()
    assert not archive.has_macros
    assert not archive.has_external_links


@pytest.mark.parametrize("name", ["A.XLSX", "mappe/a.xlsm", "C:\\mappe\\a.xlsx", "a.b.xlsx"])
def test_the_ending_decides_and_capitals_do_not(name: str) -> None:
    assert check_type(name, good_workbook()) in (".xlsx", ".xlsm")


def test_the_largest_file_allowed_is_not_refused_for_its_size() -> None:
    check_size(bytes(PACKED_LIMIT))
    with pytest.raises(RefusedError) as refused:
        check_size(bytes(PACKED_LIMIT + 100_000))
    assert "20,1 MB" in refused.value.finding().text_da


def test_as_many_members_as_allowed_are_unpacked() -> None:
    more = {f"xl/{n}.xml": "<a/>" for n in range(MEMBERS_LIMIT - len(good_parts()))}
    assert len(opened(zipped({**good_parts(), **more})).parts) == MEMBERS_LIMIT


def test_a_large_picture_within_the_limit_is_counted_and_dropped() -> None:
    assert opened(bomb(150)).parts.keys() == good_parts().keys()


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/activeX/activeX1.xml"]
)
def test_what_could_be_run_is_noticed(part: str) -> None:
    archive = opened(with_part(part, "<a/>"))
    assert archive.has_macros


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/externalLinks/externalLink1.xml", "<a/>"),
        ("xl/connections.xml", "<a/>"),
        (SHEET_RELATIONS, relations(extra=PICTURE)),
    ],
)
def test_what_could_be_fetched_is_noticed(part: str, content: str) -> None:
    assert opened(with_part(part, content)).has_external_links


def test_a_plain_hyperlink_is_not_fetched_and_not_noticed() -> None:
    part = with_part(SHEET_RELATIONS, relations(extra=HYPERLINK))
    assert not opened(part).has_external_links


@pytest.mark.parametrize("text", ["&lt;!DOCTYPE a&gt;", "DOCTYPE", "!ENTITY"])
def test_words_about_document_types_are_only_words(text: str) -> None:
    opened(with_part("xl/a.xml", f"<a>{text}</a>"))


@pytest.mark.parametrize("declared", ["UTF-8", "utf-8", "us-ascii"])
def test_a_declared_encoding_that_is_utf8_is_allowed(declared: str) -> None:
    part = f'<?xml version="1.0" encoding="{declared}" standalone="yes"?><a/>'
    opened(with_part("xl/a.xml", part))
    opened(with_part("xl/a.xml", f"\ufeff{part}"))


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "utf-16", "cp037", "nonsense"])
def test_another_declared_encoding_is_refused(declared: str) -> None:
    part = f'<?xml version="1.0" encoding="{declared}"?><a/>'
    with pytest.raises(RefusedError) as refused:
        opened(with_part("xl/a.xml", part))
    assert refused.value.code == "archive-broken"


@pytest.mark.parametrize("name", composed_and_decomposed("Nøgletål.csv"), ids=["NFC", "NFD"])
def test_names_are_composed(name: str) -> None:
    assert list(opened(zipped({name: "a;b"}), ZIP).parts) == ["Nøgletål.csv"]


@pytest.mark.parametrize(("page", "name"), [("cp850", "Nøgletal.csv"), ("utf-8", "Nøgletal.csv")])
def test_danish_names_of_windows_and_macos_are_read(page: str, name: str) -> None:
    placed = "N?gletal.csv" if page == "cp850" else "N??gletal.csv"
    content = zipped({placed: "a;b"}).replace(placed.encode(), name.encode(page))
    assert list(opened(content, ZIP).parts) == [name]


def test_what_macos_and_windows_leave_behind_is_ignored() -> None:
    left = {"__MACOSX/._Ark.csv": b"\x00\x05", ".DS_Store": b"\x00", "Thumbs.db": b"\x00"}
    packed = io.BytesIO(zipped({"Ark.csv": "a;b", **left}))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.mkdir("mappe")
    assert list(opened(packed.getvalue(), ZIP).parts) == ["Ark.csv"]


def refused_with(content: bytes, name: str = XLSX) -> str:
    """All that a refusal says."""
    with pytest.raises(RefusedError) as refused:
        opened(content, name)
    return str(refused.value.finding())


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("Rapport fra Anders And.xlsx", b"%PDF", ".xlsx"),
        ("Rapport fra Anders And.zip", good_workbook(), ".zip"),
        ("Rapport fra Anders And.pdf", b"%PDF", ".pdf"),
        ("Rapport fra.Anders And", b"%PDF", "…"),
        ("Anders", b"%PDF", "…"),
        ("x.andersandersen", b"%PDF", "…"),
    ],
)
def test_of_a_files_name_only_its_ending_is_told(name: str, content: bytes, shown: str) -> None:
    said = refused_with(content, name)
    assert shown in said
    assert "nders" not in said


@pytest.mark.parametrize("name", ["../Anders", "Anders/../x", "Anders\n.csv"])
def test_names_of_parts_that_may_be_those_of_people_are_not_told(name: str) -> None:
    said = refused_with(with_member(name))
    assert "archive-unsafe-name" in said
    assert "Anders" not in said


@pytest.mark.parametrize("part", ["xl/a.xml", "docProps/a.xml", "_rels/a.xml"])
def test_office_s_own_parts_are_named(part: str) -> None:
    assert part in refused_with(with_part(part, "<!DOCTYPE a><a/>"))


@pytest.mark.parametrize(
    "hostile", [hostile for hostile in HOSTILE if is_found_here(hostile)], ids=lambda h: h.name
)
def test_hostile_files_are_refused_without_any_reader(hostile: Hostile) -> None:
    if hostile.name in NEEDS_A_READER:
        opened(hostile.build(), hostile.file_name)
        return
    with pytest.raises(RefusedError) as refused:
        opened(hostile.build(), hostile.file_name)
    assert refused.value.code == hostile.code


NEEDS_A_READER = {
    "no sheet behind its name",
    "no relations",
    "a workbook elsewhere",
    "a cell in no row",
    "a string that is not there",
    "one sheet in two folders",
    "a merged range from row 01",
    "a merged range to row 99,999,999",
    "a merged range to row 9,999,999",
    "a merged range in column AAAA",
    "a merged range in column ZZZ",
    "a merged range with dollars",
    "a merged range of nothing",
}


def test_a_refused_range_names_what_is_allowed() -> None:
    with pytest.raises(RefusedError) as refused:
        opened(zipped({**good_parts(), **{f"xl/{n}.xml": "<a/>" for n in range(1_001)}}))
    found = refused.value.finding()
    assert (found.sheet, found.cell, found.severity) == (None, None, "error")
    assert str(MEMBERS_LIMIT) in found.text_da


def test_the_sheet_is_among_the_parts() -> None:
    assert SHEET in opened(good_workbook()).parts
