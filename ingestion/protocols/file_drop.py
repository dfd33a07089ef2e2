"""A CSV file that somebody leaves in ``inbox/<source id>/``: the newest one counts.

The snapshot has such files too. When one of those was made says nothing about the figures, so it
comes without a date.

Delimiter, encoding, decimal mark and thousands mark come from the declaration; a reader that
guesses them is silently wrong on about half of real government files.
"""

import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.declaration import FileDropRequest, Source
from ingestion.errors import AnswerError, NotConfiguredError
from ingestion.http import require_not_html
from ingestion.protocols import Access, Answer, Conventions, Look

if TYPE_CHECKING:
    import pandas as pd

MISSING = {"": "empty", "..": "unavailable", "-": "nil"}


def conventions(source: Source) -> Conventions:
    """The declared marks of this file."""
    request = _request(source)
    return Conventions(request.decimal_mark, request.thousands_mark, MISSING)


def look(source: Source, access: Access) -> Look:
    """The newest file's content is the stamp.

    Raises:
        NotConfiguredError: no file has been left yet.
    """
    path = _newest(source, access)
    stamp = hashlib.sha256(path.read_bytes()).hexdigest()
    if access.embedded:
        return Look(stamp, None, True, path)
    dropped = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Look(stamp, dropped.isoformat(), True, path)


def fetch(source: Source, access: Access, look: Look) -> Answer:
    """The bytes of the file that the look found."""
    path: Path = look.detail
    place = f"{'embedded' if access.embedded else 'inbox'}/{source.id}/{path.name}"
    return Answer(path.read_bytes(), "csv", place, {"file": path.name})


def parse(source: Source, content: bytes, request: Mapping[str, Any]) -> "pd.DataFrame":
    """Declared dialect to a frame of text.

    Raises:
        AnswerError: wrong encoding, uneven rows, a web page, or no rows.
    """
    import pandas as pd

    declared = _request(source)
    require_not_html(str(request.get("file")), content)
    try:
        text = content.decode(declared.encoding)
    except UnicodeDecodeError as error:
        raise AnswerError(
            "encoding", f"{source.id}: the file is not {declared.encoding}: {error}."
        ) from error
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=declared.delimiter))
    header, cells = [name.strip() for name in rows[0]], [row for row in rows[1:] if row]
    uneven = [number for number, row in enumerate(cells, start=2) if len(row) != len(header)]
    if uneven or not cells:
        place = f"line {uneven[0]} has another number of cells" if uneven else "there are no rows"
        raise AnswerError("answer-csv", f"{source.id}: {place} than the header of {len(header)}.")
    return pd.DataFrame(cells, columns=header, dtype=str)


def _newest(source: Source, access: Access) -> Path:
    folder = (access.embedded or access.inbox or Path("inbox")) / source.id
    files = sorted(folder.glob("*.csv"), key=lambda path: (path.stat().st_mtime, path.name))
    if not files:
        raise NotConfiguredError(
            "file-missing", f"{source.id}: no file yet.", f"Leave a CSV file in inbox/{source.id}/."
        )
    return files[-1]


def _request(source: Source) -> FileDropRequest:
    if not isinstance(source.request, FileDropRequest):
        raise TypeError(f"{source.id} does not speak file_drop")
    return source.request
