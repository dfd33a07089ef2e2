"""The limited process that opens files from outside; ``sandbox`` starts it and talks to it.

It is given bytes on its standard input and answers with bytes on its standard output, each with its
length before it. All it may need is imported before it limits itself; from then on it can open no
file and no socket, and start no program.
"""

import gc
import json
import sys
import warnings
from typing import Any, BinaryIO

from ingestion.submissions.annotate import annotate
from ingestion.submissions.archive import RefusedError, open_archive
from ingestion.submissions.cells import FileCells
from ingestion.submissions.confinement import confine, limit_cpu
from ingestion.submissions.csv_bundle import read_bundle
from ingestion.submissions.excel import read_workbook
from ingestion.submissions.findings import Finding
from ingestion.submissions.sandbox_protocol import (
    ANNOTATE,
    ANNOTATED,
    ANSWER,
    ANSWER_LIMIT,
    CELLS,
    FILE_SECONDS,
    READY,
    REFUSED,
    REQUEST,
    as_json,
    plain_cells,
    plain_refusal,
)

COPY_NAME = "copy.xlsx"


def main() -> None:
    """Answer requests until there are no more."""
    warnings.simplefilter("ignore")
    # What has been imported lives as long as the process; looking through it again costs a third.
    gc.freeze()
    gc.set_threshold(100_000)
    confine()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    _send(sink, READY, b"")
    while request := source.read(REQUEST.size):
        kind, described, length = REQUEST.unpack(request)
        description = json.loads(source.read(described))
        limit_cpu(FILE_SECONDS)
        _send(sink, *answer(kind, description, source.read(length)))


def answer(kind: bytes, description: dict[str, Any], content: bytes) -> tuple[bytes, bytes]:
    """What is sent back for one file.

    Args:
        kind: ``READ`` or ``ANNOTATE``.
        description: ``file_name``, or ``findings`` as rows.
        content: the bytes of the file.

    Returns:
        The kind of the answer and its bytes: JSON, or a workbook.
    """
    try:
        if kind == ANNOTATE:
            open_archive(COPY_NAME, content)
            findings = [Finding(**row) for row in description["findings"]]
            return ANNOTATED, annotate(content, findings)
        body = as_json(plain_cells(read_file(description["file_name"], content)))
        if len(body) > ANSWER_LIMIT:
            raise RefusedError("file-too-much-content")
    except RefusedError as refusal:
        return REFUSED, as_json(plain_refusal(refusal))
    return CELLS, body


def read_file(file_name: str, content: bytes) -> FileCells:
    """Read a file from outside, in this very process.

    Raises:
        RefusedError: the file is not what it should be.
    """
    archive = open_archive(file_name, content)
    if archive.kind == "csv_bundle":
        return read_bundle(archive)
    return read_workbook(archive)


def _send(sink: BinaryIO, kind: bytes, body: bytes) -> None:
    sink.write(ANSWER.pack(kind, len(body)))
    sink.write(body)
    sink.flush()
