"""Thousands of damaged files: the parent never dies, and each file is read or refused.

A file damaged as a whole, by flipped bits or a cut, must be refused or read exactly as before:
checksums leave no third way.
"""

import io
import random
import zipfile
from collections.abc import Callable, Iterator

import pytest

from ingestion.submissions.cells import FileCells
from ingestion.submissions.findings import Finding
from ingestion.submissions.sandbox import Result, Sandbox
from ingestion.submissions.sandbox_worker import read_file
from tests.ingestion.submissions.packing import (
    XLSX,
    ZIP,
    bundle,
    sheet_xml,
    with_part,
    workbook_parts,
    zipped,
)

SLICE, CAMPAIGN = 300, 20_000
BATCH = 100
COLUMNS = "ABCDEFGH"
ODD_CELLS = (
    '<row r="40" hidden="1"><c r="A40" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B40"><f>1</f></c>'
    '<c r="C40" s="1"><v>0.35</v></c><c r="D40" s="2"><v>45000.5</v></c>'
    '<c r="E40" t="b"><v>1</v></c><c r="F40" t="inlineStr"><is><t>æ &amp; ø</t></is></c></row>'
)
# What stands in files of this kind, to be put where it does not belong.
WORDS = (
    b"<c>", b"</c>", b"<v>", b"</v>", b"<row ", b"<f>", b"<!--", b"-->", b"<![CDATA[", b"]]>",
    b'r="A1"', b'r="XFD1048576"', b'r="A0"', b' t="e"', b' t="s"', b' t="d"', b' t="b"', b' s="1"',
    b' s="-1"', b"-1", b"1e999", b"NaN", b"99999999999999999999", b"&#0;", b"&lt;", b"\x00",
    b"\xff", b"\xef\xbb\xbf", b";", b'"', b"\r", b"\n", b",", b"xmlns", b'hidden="1"', b"..",
    b"mergeCell", b"x:",
)  # fmt: skip

Damage = Callable[[random.Random, bytes], bytes]


def plain_workbook() -> bytes:
    """Numbers and shared strings, and one row of everything odd."""
    rows = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{column}{row}" t="s"><v>{row % 9}</v></c>' for column in COLUMNS)
        + f'<c r="I{row}"><v>{row}.25</v></c></row>'
        for row in range(1, 30)
    )
    merged = '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'
    parts = workbook_parts(
        {"Nøgletal": sheet_xml(rows), "Ark": sheet_xml(rows + ODD_CELLS, after=merged)},
        styles=("General", "0%", "yyyy-mm-dd"),
        strings=tuple(f"<t>tekst {n}</t>" for n in range(9)),
    )
    return zipped(parts)


def plain_bundle() -> bytes:
    """Two sheets, with quotes and Danish letters."""
    lines = "".join(f'{n};"række ""{n}""";1.234,{n};æøå\r\n' for n in range(30))
    return bundle(Nøgletal=f"\ufeffTitel;;;\r\n{lines}", _skabelon="form_id;report\r\n")


ORIGINALS = {XLSX: plain_workbook(), ZIP: plain_bundle()}


def flipped(chance: random.Random, content: bytes) -> bytes:
    """A few bits turned."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def cut(chance: random.Random, content: bytes) -> bytes:
    """The end, the beginning or a piece of the middle lost."""
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return chance.choice((content[:start], content[start:], content[:start] + content[end:]))


def rewritten(chance: random.Random, content: bytes) -> bytes:
    """Bytes lost, doubled, moved or put in."""
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    end = min(end, start + 200)
    word = chance.choice(WORDS)
    return chance.choice(
        (
            content[:start] + word + content[start:],
            content[:start] + word + content[end:],
            content[:end] + content[start:end] + content[end:],
            content[:start] + content[end:],
        )
    )


def inside(damage: Damage) -> Damage:
    """The same to one part of the archive, packed again with right checksums."""

    def damaged(chance: random.Random, content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts: dict[str, str | bytes] = {n: archive.read(n) for n in archive.namelist()}
        name = chance.choice(sorted(parts))
        part = parts[name]
        assert isinstance(part, bytes)
        for _ in range(chance.choice((1, 1, 1, 3))):
            part = damage(chance, part) if part else part
        return zipped({**parts, name: part})

    return damaged


def spliced(chance: random.Random, content: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    other = ORIGINALS[chance.choice((XLSX, ZIP))]
    return content[: chance.randrange(len(content))] + other[chance.randrange(len(other)) :]


WHOLE: tuple[Damage, ...] = (flipped, cut)
ANY: tuple[Damage, ...] = (
    *WHOLE,
    spliced,
    inside(flipped),
    inside(cut),
    inside(rewritten),
    inside(rewritten),
)


def damaged_files(seed: int, count: int) -> Iterator[tuple[Damage, str, bytes]]:
    """Damaged workbooks and bundles, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        name = chance.choice((XLSX, XLSX, ZIP))
        damage = chance.choice(ANY)
        yield damage, name, damage(chance, ORIGINALS[name])


def check(damage: Damage, name: str, result: Result) -> None:
    """Read or refused, and what is damaged as a whole is not read as something else."""
    if not isinstance(result, FileCells):
        assert result
        assert all(isinstance(entry, Finding) for entry in result)
    elif damage in WHOLE:
        assert result == read_file(name, ORIGINALS[name])


def run(seed: int, count: int) -> dict[str, int]:
    """Read damaged files in batches; returns how many ended how."""
    ends: dict[str, int] = {}
    files = list(damaged_files(seed, count))
    with Sandbox(workers=2) as sandbox:
        for start in range(0, count, BATCH):
            batch = files[start : start + BATCH]
            results = sandbox.read_all([(name, content) for _, name, content in batch])
            for (damage, name, _), result in zip(batch, results, strict=True):
                check(damage, name, result)
                end = "read" if isinstance(result, FileCells) else result[0].code
                ends[end] = ends.get(end, 0) + 1
    assert sum(ends.values()) == count
    return ends


def test_a_few_hundred_damaged_files_are_read_or_refused() -> None:
    ends = run(seed=2026, count=SLICE)
    assert ends["read"] > SLICE // 20
    assert ends["archive-broken"] > SLICE // 20


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(4))
def test_twenty_thousand_damaged_files_are_read_or_refused(seed: int) -> None:
    run(seed, CAMPAIGN // 4)


def test_a_damaged_part_that_nobody_reads_changes_nothing() -> None:
    content = with_part("docProps/thumbnail.jpeg", b"\xff\xd8\xff")
    assert read_file(XLSX, content).sheets
