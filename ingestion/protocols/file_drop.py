"""A CSV or XLSX file: the newest one left in ``inbox/<source id>/``, or one linked from a page.

The snapshot has such files too. When one of those was made says nothing about the figures, so it
comes without a date; a source of which the snapshot has none takes what was left in the inbox.

Format, dialect, sheet and header come from the declaration; a reader that guesses them is silently
wrong on about half of real government files.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from ingestion.declaration import Source
from ingestion.drift import Shape
from ingestion.errors import AnswerError, NotConfiguredError
from ingestion.file_tables import find_table, read_grid, table_shape
from ingestion.http import Validators, require_not_html
from ingestion.protocols import FILE_ROWS, Access, Answer, Conventions, Look
from ingestion.request import FileDropRequest

if TYPE_CHECKING:
    import pandas as pd

MISSING = {"": "empty", "..": "unavailable", "-": "nil"}


@dataclass(frozen=True)
class _Linked:
    """The file that a page links to tonight; without content, it is the one that was known."""

    url: str
    content: bytes | None


def conventions(source: Source) -> Conventions:
    """The declared marks of this file."""
    request = _request(source)
    return Conventions(request.decimal_mark, request.thousands_mark, MISSING, request.dates)


def look(source: Source, access: Access) -> Look:
    """The newest file's content is the stamp; of a linked one, its address and validators too.

    Raises:
        NotConfiguredError: no file has been left yet.
        ProviderError: the page or the file cannot be had.
        AnswerError: no link on the page fits, or several do.
    """
    if _request(source).page and not _left(source, access.embedded):
        return _look_at_page(source, access)
    path = _newest(source, access)
    stamp = hashlib.sha256(path.read_bytes()).hexdigest()
    if access.embedded and path.is_relative_to(access.embedded):
        return Look(stamp, None, True, path)
    dropped = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Look(stamp, dropped.isoformat(), True, path)


def fetch(source: Source, access: Access, look: Look) -> Answer:
    """The bytes of the file that the look found."""
    extension = _request(source).format
    if isinstance(look.detail, _Linked):
        url, content = look.detail.url, look.detail.content
        if content is None:
            content = access.client.get_if_changed(url, Validators(), pace_key=source.id).body
        require_not_html(url, content)
        name = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
        return Answer(content, extension, url, {"file": name, "page": _request(source).page})
    path: Path = look.detail
    is_embedded = access.embedded and path.is_relative_to(access.embedded)
    place = f"{'embedded' if is_embedded else 'inbox'}/{source.id}/{path.name}"
    return Answer(path.read_bytes(), extension, place, {"file": path.name})


def parse(source: Source, content: bytes, request: Mapping[str, Any]) -> "pd.DataFrame":
    """Declared dialect to a frame of text.

    Raises:
        AnswerError: wrong format or encoding, a web page, no header, uneven rows, or no rows.
    """
    import pandas as pd

    declared, name = _request(source), str(request.get("file"))
    require_not_html(name, content)
    wanted = [column.provider_name for column in source.columns]
    grid = read_grid(f"{source.id}: {name}", content, declared)
    table = find_table(f"{source.id}: {name}", grid, declared, wanted)
    frame = pd.DataFrame(table.rows, columns=table.header, dtype=str)
    frame.attrs[FILE_ROWS] = table.numbers
    # New columns that are declared to change nothing are left out like those that are named.
    may_come = source.drift.get("column_added") == "evolve"
    return frame[[c for c in frame if c in wanted]] if may_come else frame


def shape(source: Source, look: Look, content: bytes | None) -> Shape:  # noqa: ARG001
    """Columns and place of the table; where it seems to be, when it is not where it should."""
    if content is None:
        return Shape()
    wanted = [column.provider_name for column in source.columns]
    found = table_shape(content, _request(source), wanted)
    return replace(found, codes=_codes(source, content)) if found.columns else found


def _codes(source: Source, content: bytes) -> dict[str, tuple[str, ...]]:
    """Which words stand in the columns whose words are declared; none of a table that is broken."""
    declared = [c.provider_name for c in source.columns if c.codes is not None]
    try:
        frame = parse(source, content, {}) if declared else None
    except AnswerError:
        frame = None
    if frame is None:
        return {}
    there = (name for name in declared if name in frame)
    return {name: tuple(sorted(set(frame[name].str.strip()) - {""})) for name in there}


def _left(source: Source, folder: Path | None) -> list[Path]:
    """Files of the declared format, the newest last; Excel's mark of an open file is none."""
    suffix = f".{_request(source).format}"
    there = (folder / source.id).glob("*") if folder else ()
    files = [p for p in there if p.suffix.lower() == suffix and not p.name.startswith(("~$", "."))]
    return sorted(files, key=lambda path: (path.stat().st_mtime, path.name))


def _newest(source: Source, access: Access) -> Path:
    files = _left(source, access.embedded) or _left(source, access.inbox)
    if not files:
        kind = _request(source).format.upper()
        raise NotConfiguredError(
            "file-missing",
            f"{source.id}: no file yet.",
            f"Leave {'an' if kind[0] == 'X' else 'a'} {kind} file in inbox/{source.id}/.",
        )
    return files[-1]


def _look_at_page(source: Source, access: Access) -> Look:
    request = _request(source)
    page = access.client.get_if_changed(request.page or "", Validators(), pace_key=source.id)
    url = linked(source, page.body.decode("utf-8", errors="replace"))
    known = json.loads(access.last_stamp) if access.last_stamp else {}
    is_known = known.get("url") == url
    validators = Validators(known.get("etag"), known.get("last_modified"))
    reply = access.client.get_if_changed(
        url, validators if is_known else Validators(), pace_key=source.id
    )
    modified = reply.validators.last_modified
    updated = parsedate_to_datetime(modified).astimezone(UTC).isoformat() if modified else None
    if reply.is_the_same:
        return Look(access.last_stamp or "", updated, True, _Linked(url, None))
    digest = hashlib.sha256(reply.body).hexdigest()
    stamp = json.dumps({"url": url, "sha256": digest, **asdict(reply.validators)})
    return Look(stamp, updated, True, _Linked(url, reply.body))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def linked(source: Source, page: str) -> str:
    """The file's address on the page; of several, the one with the greatest first group.

    Raises:
        AnswerError: none fits the declared pattern, or several and nothing tells which is newest.
    """
    request = _request(source)
    links = _Links()
    links.feed(page)
    pattern = re.compile(request.link or "")
    addresses = dict.fromkeys(urljoin(request.page or "", link.strip()) for link in links.found)
    fitting = {url: found for url in addresses if (found := pattern.search(url))}
    edit = f"Look at {request.page} and edit request.link in its declaration."
    if not fitting:
        told = f"none of the {len(addresses)} links on {request.page} fits {request.link!r}."
        raise AnswerError("link-missing", f"{source.id}: {told}", edit)
    if len(fitting) > 1 and not pattern.groups:
        told = f"{len(fitting)} links on {request.page} fit {request.link!r}: {', '.join(fitting)}."
        raise AnswerError("link-ambiguous", f"{source.id}: {told}", edit)
    return max(fitting, key=lambda url: fitting[url].group(1) if pattern.groups else "")


def _request(source: Source) -> FileDropRequest:
    if not isinstance(source.request, FileDropRequest):
        raise TypeError(f"{source.id} does not speak file_drop")
    return source.request
