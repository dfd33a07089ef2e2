"""The limited processes that open files from outside; ``sandbox`` starts them and talks to them.

A *starter* imports all that may be needed, limits itself, and splits off a *reader* for each file.
It sees no file: over its standard input, a socket, it is handed two pipes and passes them on. The
reader limits itself further before it reads: it can open no file and no socket and start no
process. It reads one request from its first pipe, answers on its second, and ends.
"""

import gc
import json
import os
import socket
import sys
import warnings
from typing import Any, BinaryIO, NoReturn

from openpyxl import Workbook

from ingestion.submissions.annotate import annotate
from ingestion.submissions.archive import (
    EXPORT_SUFFIX,
    RefusedError,
    open_archive,
    sheets_of_forms,
)
from ingestion.submissions.cdp import dialect, read_export
from ingestion.submissions.cells import FileCells
from ingestion.submissions.confinement import confine, confine_starter, limit_cpu
from ingestion.submissions.csv_bundle import read_bundle
from ingestion.submissions.excel import read_workbook
from ingestion.submissions.findings import Finding
from ingestion.submissions.sandbox_protocol import (
    ANNOTATE,
    ANNOTATED,
    ANSWER,
    ANSWER_LIMIT,
    CELLS,
    COPY_NAME,
    FILE_SECONDS,
    PIPES,
    READ,
    REFUSED,
    REQUEST,
    STATUS,
    as_json,
    plain_cells,
    plain_refusal,
)
from ingestion.submissions.saving import workbook_bytes

PRACTICE = 10


def main() -> None:
    """Start a reader for each pair of pipes until there are no more; tell how each ended."""
    warnings.simplefilter("ignore")
    prepare()
    # What has been imported lives as long as the process; looking through it again costs a third.
    gc.freeze()
    gc.disable()
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=0)
    confine_starter()
    line.sendall(STATUS.pack(0))
    while pipes := socket.recv_fds(line, 1, PIPES)[1]:
        reader = os.fork()
        if not reader:
            _read_one(*pipes)
        for pipe in pipes:
            os.close(pipe)
        _, status = os.waitpid(reader, 0)
        line.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))


def prepare() -> None:
    """Do what readers then need not do: read what is declared in files, for they can open none.

    And read a workbook of our own a few times: a process that is split off from a practised one
    takes a tenth less.
    """
    sheets_of_forms()
    dialect()
    workbook = Workbook()
    for _ in range(PRACTICE):
        workbook.worksheets[0].append(["tekst", 1.5, "=1+1"])
    content = workbook_bytes(workbook)
    for _ in range(PRACTICE):
        answer(READ, {"file_name": COPY_NAME}, content)


def _read_one(requests: int, answers: int) -> NoReturn:
    """Be the reader of one file. The socket of the starter is given up before anything is read."""
    status = 1
    try:
        os.dup2(requests, sys.stdin.fileno())
        os.dup2(answers, sys.stdout.fileno())
        os.close(requests)
        os.close(answers)
        confine()
        limit_cpu(FILE_SECONDS)
        gc.set_threshold(100_000)
        gc.enable()
        _serve(sys.stdin.buffer, sys.stdout.buffer)
        status = 0
    finally:
        os._exit(status)


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    kind, described, length = REQUEST.unpack(source.read(REQUEST.size))
    description = json.loads(source.read(described))
    answered, body = answer(kind, description, source.read(length))
    sink.write(ANSWER.pack(answered, len(body)))
    sink.write(body)
    sink.flush()


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
    if file_name.lower().endswith(EXPORT_SUFFIX):
        return read_export(content)
    archive = open_archive(file_name, content)
    if archive.kind == "csv_bundle":
        return read_bundle(archive)
    return read_workbook(archive)
