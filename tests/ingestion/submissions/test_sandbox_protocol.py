"""The pipes of a reader: requests that are torn, answers that are not believed."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ingestion.submissions.cells import Place
from ingestion.submissions.findings import finding
from ingestion.submissions.sandbox import PROGRAM, ROOT
from ingestion.submissions.sandbox_protocol import (
    ANSWER,
    CELLS,
    READ,
    REQUEST,
    STATUS,
    answer_from,
    as_json,
    cells_from,
    plain_cells,
    refusal_from,
)
from ingestion.submissions.sandbox_worker import read_file
from tests.ingestion.submissions.packing import (
    XLSX,
    good_workbook,
    with_rows,
)

GOOD = (XLSX, good_workbook())


@contextlib.contextmanager
def starter() -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """A starter that has said it is ready, and the line to it."""
    ours, theirs = socket.socketpair()
    ours.settimeout(30)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    with ours, process:
        assert ours.recv(STATUS.size) == STATUS.pack(0)
        try:
            yield process, ours
        finally:
            process.kill()


def asked(line: socket.socket, request: bytes) -> tuple[int, bytes]:
    """How the reader of one request ends, and what it says."""
    requests, to_reader = os.pipe()
    from_reader, answers = os.pipe()
    socket.send_fds(line, [b"r"], [requests, answers])
    os.close(requests)
    os.close(answers)
    with os.fdopen(to_reader, "wb") as sink:
        sink.write(request)
    with os.fdopen(from_reader, "rb") as source:
        said = source.read()
    return STATUS.unpack(line.recv(STATUS.size))[0], said


def request(name: str, content: bytes) -> bytes:
    described = as_json({"file_name": name})
    return REQUEST.pack(READ, len(described), len(content)) + described + content


def test_a_starter_ends_when_its_line_ends() -> None:
    with starter() as (process, line):
        line.close()
        assert process.wait(30) == 0


def test_a_torn_request_ends_its_reader_and_not_the_starter() -> None:
    with starter() as (_, line):
        ended, said = asked(line, REQUEST.pack(READ, 10, 10) + b"{")
        assert ended != 0
        assert said == b""
        ended, said = asked(line, request(*GOOD))
        assert (ended, answer_from(said)[0]) == (0, CELLS)


def test_what_a_reader_leaves_unread_is_not_given_to_the_next() -> None:
    with starter() as (_, line):
        behind = request(XLSX, with_rows('<row r="1"><c r="A1"><v>13</v></c></row>'))
        first = asked(line, request(*GOOD) + behind)
        second = asked(line, request(*GOOD))
        assert first == second
        assert cells_from(answer_from(second[1])[1]) == read_file(*GOOD)


@pytest.mark.parametrize(
    "change",
    [
        {"sheets": None},
        {"door": "cellar"},
        {"sheets": [{"name": "Ark"}]},
        {"sheets": "Ark"},
    ],
)
def test_an_answer_that_describes_no_file_is_not_believed(change: dict[str, object]) -> None:
    plain = plain_cells(read_file(*GOOD))
    with pytest.raises(ValueError, match="answer"):
        cells_from(as_json({**plain, **change}))


LONE = "\ud800"


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": ["code"]},
        {"kinds": [["text"]]},
        {"kinds": "n"},
        {"kinds": ["text"]},
        {"kinds": ["formula"]},
        {"kinds": ["boolean"]},
        {"values": [{"a": 1}]},
        {"values": [1]},
        {"values": [True]},
        {"values": ["42"]},
        {"values": [None]},
        {"values": [float("nan")]},
        {"values": [float("inf")]},
        {"values": {"0": 42.0}},
        {"kinds": ["text"], "values": [LONE]},
        {"kinds": ["error"], "values": [LONE]},
        {"rows": [1, 2]},
        {"rows": ["1"]},
        {"rows": [True]},
        {"rows": [0]},
        {"rows": [-1]},
        {"rows": [200_001]},
        {"columns": [None]},
        {"columns": [0]},
        {"columns": [-5]},
        {"columns": [501]},
        {"rows": [1, 1], "columns": [1, 1], "values": [1.0, 2.0], "kinds": ["number", "number"]},
        {"hidden_rows": [0]},
        {"hidden_rows": [200_001]},
        {"hidden_columns": [501]},
        {"hidden_columns": ["A"]},
        {"merged": [1]},
        {"merged": ["A01:B2"]},
        {"merged": ["A99999999:B2"]},
        {"merged": ["AAAA1:B2"]},
        {"merged": ["A1:B200001"]},
        {"merged": ["A1:B2:C3"]},
        {"merged": [""]},
        {"merged": ["A1:B2"] * 1_001},
        {"disagreements": ["A0"]},
        {"disagreements": ["SG1"]},
        {"disagreements": [None]},
        {"name": 7},
        {"name": "x" * 101},
        {"name": " Ark"},
        {"name": "a\u030a"},
        {"name": LONE},
        {"formats": {"9": "0%"}},
        {"formats": {"0": 7}},
        {"formats": {"0": LONE}},
        {"formats": {"x": "0%"}},
        {"formats": ["0%"]},
    ],
    ids=str,
)
def test_an_answer_with_cells_of_another_kind_is_not_believed(change: dict[str, object]) -> None:
    plain = plain_cells(read_file(*GOOD))
    plain["sheets"][0].update(change)
    with pytest.raises(ValueError, match=r"answer|name of a cell|invalid literal"):
        cells_from(json.dumps(plain).encode())


REFUSAL = {
    "code": "archive-doctype",
    "place": {"sheet": None, "row": None, "column": None},
    "found": "xl/a.xml",
    "figures": {},
}


def test_an_honest_refusal_is_believed() -> None:
    assert refusal_from(as_json(REFUSAL)) == finding("archive-doctype", Place(), found="xl/a.xml")


@pytest.mark.parametrize(
    "change",
    [
        {"code": "number-unreadable"},
        {"code": "no-such-code"},
        {"code": None},
        {"found": "Anders And"},
        {"found": f"xl/{LONE}"},
        {"found": 7},
        {"place": {"sheet": "Anders And"}},
        {"place": {"sheet": ["Ark"]}},
        {"place": None},
        {"figures": {"count": "Anders And"}},
        {"figures": {"count": True}},
        {"figures": {"count": 10**10}},
        {"figures": {"cell": "A1"}},
        {"figures": {"code": 1}},
        {"figures": {"field": "A1"}},
        {"figures": None},
    ],
    ids=str,
)
def test_a_refusal_that_says_what_none_says_is_not_believed(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="answer"):
        refusal_from(json.dumps({**REFUSAL, **change}).encode())


@pytest.mark.parametrize(
    "said", [b"", b"c", ANSWER.pack(CELLS, 5) + b"four", ANSWER.pack(CELLS, 3) + b"four"]
)
def test_an_answer_that_is_not_as_long_as_it_says_is_not_believed(said: bytes) -> None:
    with pytest.raises(ValueError, match="answer"):
        answer_from(said)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"code": "no-such-code"}', b"[" * 9999]
)
def test_an_answer_that_is_no_answer_is_not_believed(body: bytes) -> None:
    for read in (cells_from, refusal_from):
        with pytest.raises(ValueError, match=r"answer|Expecting"):
            read(body)
