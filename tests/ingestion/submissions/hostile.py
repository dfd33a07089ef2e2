"""Files that no reader may be given as they are: broken, disguised, overgrown or hostile.

Each has a name, what its sender called it, how its bytes are made, and the code it must end with.
"""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.ingestion.submissions.packing import (
    CSV,
    DOCX,
    EBCDIC,
    ELSEWHERE,
    FAR,
    LAUGHS,
    OLE,
    PREFIXED,
    SHEET,
    SYMLINK,
    XLSX,
    ZIP,
    bad_checksum,
    bomb,
    bundle,
    composed_and_decomposed,
    crowded,
    good_parts,
    good_workbook,
    lying_bomb,
    many_sheets_bomb,
    overlapping,
    pair,
    quoted_overlap,
    sheet_xml,
    string_amplifier,
    utf16,
    with_flag,
    with_member,
    with_merged,
    with_part,
    with_rows,
    without_part,
    zipped,
)


@dataclass(frozen=True)
class Hostile:
    """One such file."""

    name: str
    file_name: str
    build: Callable[[], bytes]
    code: str


def _cases(code: str, cases: Mapping[str, tuple[str, Callable[[], bytes]]]) -> list[Hostile]:
    return [Hostile(name, file, build, code) for name, (file, build) in cases.items()]


HOSTILE: list[Hostile] = [
    *_cases("file-empty", {"nothing at all": (XLSX, lambda: b"")}),
    *_cases(
        "file-too-large",
        {"21 MB packed": (XLSX, lambda: b"PK\x03\x04" + bytes(21_000_000))},
    ),
    *_cases(
        "file-type-unknown",
        {
            "an old workbook": ("a.xls", lambda: OLE),
            "an OpenDocument sheet": ("a.ods", good_workbook),
            "a PDF": ("a.pdf", lambda: b"%PDF-1.7"),
            "a binary workbook": ("a.xlsb", good_workbook),
            "no ending": ("indberetning", good_workbook),
        },
    ),
    *_cases(
        "file-type-mismatch",
        {
            "a web page called a workbook": (XLSX, lambda: b"<html><table></table></html>"),
            "a PDF called a workbook": (XLSX, lambda: b"%PDF-1.7"),
            "an old workbook renamed": (XLSX, lambda: OLE),
            "a program with a zip behind it": (XLSX, lambda: b"MZ" + bytes(64) + good_workbook()),
            "a workbook called a bundle": (ZIP, good_workbook),
            "a workbook called an export": (CSV, good_workbook),
        },
    ),
    *_cases(
        "file-encrypted",
        {
            "an encrypted workbook": (XLSX, lambda: OLE + "EncryptedPackage".encode("utf-16-le")),
            "an encrypted zip member": (XLSX, lambda: with_flag(0x1)),
            "strong encryption": (XLSX, lambda: with_flag(0x40)),
        },
    ),
    *_cases(
        "file-not-a-workbook",
        {
            "a Word document renamed": (XLSX, lambda: DOCX),
            "a zip without CSV": (ZIP, lambda: zipped({"readme.txt": "hej"})),
            "an empty zip": (ZIP, lambda: zipped({})),
            "a binary workbook renamed": (XLSX, lambda: zipped({"xl/workbook.bin": b"x"})),
            "CSV called a workbook": (XLSX, lambda: bundle(Ark="a;b")),
        },
    ),
    *_cases(
        "archive-too-many-members",
        {
            "1,001 members": (
                XLSX,
                lambda: zipped({**good_parts(), **{f"xl/{n}.xml": "<a/>" for n in range(1_001)}}),
            ),
            "100,000 members": (ZIP, lambda: zipped({f"{n}": "" for n in range(100_000)}, 0)),
        },
    ),
    *_cases(
        "archive-duplicate-member",
        {
            "the same part twice": (XLSX, lambda: with_member(SHEET, "<a/>")),
            "the same in capitals": (XLSX, lambda: with_member(SHEET.upper(), "<a/>")),
            "the same with backslashes": (
                XLSX,
                lambda: with_member(SHEET.replace("/", "\\"), "<a/>"),
            ),
            "letters composed and decomposed": (
                ZIP,
                lambda: zipped(dict.fromkeys(composed_and_decomposed("Nøgletål.csv"), "a;b")),
            ),
            "one sheet in two folders": (ZIP, lambda: zipped({"a/A.csv": "a;b", "b/A.csv": "a"})),
        },
    ),
    *_cases(
        "archive-linked-member",
        {
            "a symbolic link": (
                XLSX,
                lambda: with_member("xl/link.xml", "/etc/passwd", SYMLINK),
            )
        },
    ),
    *_cases(
        "archive-unsafe-name",
        {
            "a way out": (XLSX, lambda: with_member("../../etc/cron.d/x")),
            "a way out with backslashes": (XLSX, lambda: with_member("xl\\..\\..\\x")),
            "an absolute name": (XLSX, lambda: with_member("/etc/passwd")),
            "a drive": (XLSX, lambda: with_member("C:/windows/x")),
            "a line feed in a name": (XLSX, lambda: with_member("xl/a\nb.xml")),
        },
    ),
    *_cases(
        "archive-too-large-unpacked",
        {
            "210 MB of nothing": (XLSX, lambda: bomb(210)),
            "1 GB of nothing": (XLSX, lambda: bomb(1_000)),
            "210 MB of blank sheets": (XLSX, many_sheets_bomb),
            "210 MB of blank CSV": (ZIP, lambda: bundle(Ark=bytes(210_000_000))),
        },
    ),
    *_cases(
        "archive-doctype",
        {
            "a million laughs in a sheet": (XLSX, lambda: with_part(SHEET, f"{LAUGHS}<a/>")),
            "a document type in the strings": (
                XLSX,
                lambda: with_part("xl/sharedStrings.xml", f"{LAUGHS}<sst/>"),
            ),
            "a document type in relations": (
                XLSX,
                lambda: with_part("xl/worksheets/_rels/sheet1.xml.rels", f"{LAUGHS}<a/>"),
            ),
            "a document type in UTF-16": (
                XLSX,
                lambda: with_part(SHEET, utf16(f"{LAUGHS}<worksheet/>")),
            ),
            "a document type in a drawing": (
                XLSX,
                lambda: with_part("xl/drawings/v.vml", f"{LAUGHS}<xml><br>"),
            ),
            "an outside entity": (
                XLSX,
                lambda: with_part(
                    SHEET,
                    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
                ),
            ),
        },
    ),
    *_cases(
        "archive-broken",
        {
            "half a file": (XLSX, lambda: good_workbook()[:900]),
            "only the first bytes": (XLSX, lambda: b"PK\x03\x04"),
            "a wrong checksum": (XLSX, bad_checksum),
            "two members in one place": (XLSX, overlapping),
            "a member inside another": (XLSX, quoted_overlap),
            "a size that is a lie": (XLSX, lying_bomb),
            "bzip2 inside": (XLSX, lambda: zipped(good_parts(), zipfile.ZIP_BZIP2)),
            "a sheet in UTF-16": (XLSX, lambda: with_part(SHEET, utf16(sheet_xml("")))),
            "a part in EBCDIC": (XLSX, lambda: with_part("xl/a.xml", EBCDIC)),
            "a sheet cut off": (XLSX, lambda: with_part(SHEET, sheet_xml("<row r='1'>")[:-20])),
            "no sheet behind its name": (XLSX, lambda: without_part(SHEET)),
            "no relations": (XLSX, lambda: without_part("xl/_rels/workbook.xml.rels")),
            "a workbook elsewhere": (XLSX, lambda: with_part("_rels/.rels", ELSEWHERE)),
            "a cell in no row": (
                XLSX,
                lambda: with_rows('<row r="x"><c r="ABCDEFG99999999999"><v>1</v></c></row>'),
            ),
            "a merged range from row 01": (XLSX, lambda: with_merged("A01:B2")),
            "a merged range to row 99,999,999": (XLSX, lambda: with_merged("A99999999:B2")),
            "a merged range to row 9,999,999": (XLSX, lambda: with_merged("A1:B9999999")),
            "a merged range in column AAAA": (XLSX, lambda: with_merged("AAAA1:B2")),
            "a merged range in column ZZZ": (XLSX, lambda: with_merged("A1:ZZZ2")),
            "a merged range with dollars": (XLSX, lambda: with_merged("$A$1:$B$2")),
            "a merged range of nothing": (XLSX, lambda: with_merged("")),
            "a string that is not there": (
                XLSX,
                lambda: with_rows('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'),
            ),
        },
    ),
    *_cases(
        "sheet-range-too-large",
        {
            "the last cell of all": (XLSX, lambda: with_rows(FAR)),
            "the same in single quotes": (XLSX, lambda: with_rows(FAR.replace('"', "'"))),
            "the same with a prefix": (XLSX, lambda: with_part(SHEET, PREFIXED)),
            "the same in small letters": (XLSX, lambda: with_rows(FAR.replace("XFD", "xfd"))),
            "the same after another attribute": (
                XLSX,
                lambda: with_rows(FAR.replace("<c ", '<c s="0" ')),
            ),
            "a row too far down": (XLSX, lambda: with_rows(FAR.replace("XFD1048576", "A200001"))),
            "a column too far out": (XLSX, lambda: with_rows(FAR.replace("XFD1048576", "SG1"))),
            "a row number without cell names": (
                XLSX,
                lambda: with_rows('<row r="1048576"><c><v>1</v></c></row>'),
            ),
            "cells without names": (
                XLSX,
                lambda: with_rows("<row>" + "<c><v>1</v></c>" * 501 + "</row>"),
            ),
            "two cells far apart": (
                XLSX,
                lambda: with_rows('<row><c r="A1"><v>1</v></c><c r="SF200000"><v>1</v></c></row>'),
            ),
            "only declared": (
                XLSX,
                lambda: with_rows("", '<dimension ref="A1:XFD1048576"/>'),
            ),
            "a CSV file of 501 columns": (ZIP, lambda: bundle(Ark="x;" * 500 + "x")),
            "an export of 501 columns": (CSV, lambda: b"x," * 500 + b"x"),
            "an export of millions of rows": (CSV, lambda: b"a,b\n" + b"x\n" * 9_000_000),
        },
    ),
    *_cases(
        "sheet-too-many-merged",
        {
            "1,001 merged ranges": (XLSX, lambda: with_merged(*map(pair, range(1, 1_002)))),
            "50,000 merged ranges in no usual way": (
                XLSX,
                lambda: with_merged(*map(pair, range(1, 50_001)), around="<!-- -->"),
            ),
        },
    ),
    *_cases(
        "file-too-much-content",
        {
            "half a million cells": (XLSX, crowded),
            "an export of half a million cells": (
                CSV,
                lambda: b"a,b\n" + (b"1," * 300 + b"\n") * 2_000,
            ),
        },
    ),
    *_cases(
        "cdp-delimiter",
        {
            "an export with semicolons": (CSV, lambda: b"a;b"),
            "20 MB of empty lines": (CSV, lambda: b"\n" * 20_000_000),
        },
    ),
    *_cases(
        "reader-died",
        {
            "7 GB of one string": (XLSX, string_amplifier),
            "an export of ten million columns": (CSV, lambda: b"x," * 9_999_000),
        },
    ),
    *_cases(
        "csv-encoding",
        {
            "Latin-1": (ZIP, lambda: bundle(Ark="Nøgle;tal".encode("latin-1"))),
            "UTF-16": (ZIP, lambda: bundle(Ark="Nøgle;tal".encode("utf-16"))),
            "an export in Latin-1": (CSV, lambda: "Nøgle,tal".encode("latin-1")),
            "an export in UTF-16": (CSV, lambda: "Nøgle,tal".encode("utf-16")),
            "an export in UTF-16 without mark": (CSV, lambda: "Kode,tal".encode("utf-16-le")),
            "UTF-16 without mark": (ZIP, lambda: bundle(Ark="Kode;tal".encode("utf-16-le"))),
        },
    ),
    *_cases(
        "csv-delimiter",
        {
            "commas": (ZIP, lambda: bundle(Ark="Kode,Tal\na,1\n")),
            "tabs": (ZIP, lambda: bundle(Ark="Kode\tTal\na\t1\n")),
            "commas and a semicolon in quotes": (ZIP, lambda: bundle(Ark='Kode,Tal\n"a;b",1\n')),
        },
    ),
    *_cases(
        "csv-unreadable",
        {
            "a quotation mark too few": (ZIP, lambda: bundle(Ark='Kode;Tal\n"a;1\nb;2\n')),
            "an export with a quotation mark too few": (CSV, lambda: b'a,b\n"c,1\n'),
            "a quotation mark in the middle": (ZIP, lambda: bundle(Ark='Kode;Tal\n"a"b;1\n')),
        },
    ),
]
