"""Files left in the inbox: the newest counts, and the dialect is declared, never guessed."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingestion.declaration import Source, load_sources
from ingestion.errors import AnswerError, NotConfiguredError
from ingestion.protocols import Access, file_drop
from ingestion.transport import embedded_files
from tests.ingestion.reading import NOW, cast_text, client, look_and_fetch, read_text, refusal
from tests.ingestion.test_casting import table

GOOD = "AREA;KIND;TID;N;X\r\n101;A;2024;1.234;1.234,5\r\n860;B;2024;..;-7\r\n"


def drop(**dialect: Any) -> Source:
    """A Danish CSV file, unless the dialect is declared otherwise."""
    given = {
        "protocol": "file_drop",
        "delimiter": ";",
        "encoding": "utf-8",
        "decimal_mark": ",",
        "thousands_mark": ".",
    }
    return table(id="statbank_dropped", request={**given, **dialect})


def leave(inbox: Path, content: str | bytes, name: str = "a.csv", age_seconds: int = 0) -> Path:
    folder = inbox / "statbank_dropped"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    moment = NOW.timestamp() - age_seconds
    os.utime(path, (moment, moment))
    return path


def access(inbox: Path) -> Access:
    return Access(client(), "", NOW, None, inbox)


def test_a_danish_file_is_read_as_declared(tmp_path: Path) -> None:
    leave(tmp_path, GOOD)
    result = cast_text(drop(), read_text(drop(), access(tmp_path)))
    assert result.findings == ()
    assert result.frame["number"].to_list()[0] == 1234
    assert result.frame["amount"].to_list() == [1234.5, -7.0]
    assert result.frame["number_missing"].to_list()[1] == "unavailable"


def test_no_file_yet_is_a_visible_state_that_says_where_to_leave_one(tmp_path: Path) -> None:
    error = refusal(drop(), access(tmp_path))
    assert isinstance(error, NotConfiguredError)
    assert "inbox/statbank_dropped/" in error.hint


def test_the_newest_file_counts(tmp_path: Path) -> None:
    leave(tmp_path, GOOD.replace("-7", "-8"), "z.csv", age_seconds=60)
    leave(tmp_path, GOOD, "a.csv")
    look, answer = look_and_fetch(drop(), access(tmp_path))
    assert answer.content == GOOD.encode()
    assert answer.request == {"file": "a.csv"}
    assert answer.url == "inbox/statbank_dropped/a.csv"
    assert look.provider_updated_at == NOW.isoformat()


def test_files_of_other_kinds_are_not_looked_at(tmp_path: Path) -> None:
    leave(tmp_path, GOOD)
    leave(tmp_path, "not this", "b.csv.part", age_seconds=-60)
    assert look_and_fetch(drop(), access(tmp_path))[1].content == GOOD.encode()


def test_the_stamp_is_the_content_and_not_the_time(tmp_path: Path) -> None:
    leave(tmp_path, GOOD, age_seconds=60)
    first = file_drop.look(drop(), access(tmp_path)).stamp
    leave(tmp_path, GOOD, "b.csv")
    assert file_drop.look(drop(), access(tmp_path)).stamp == first
    leave(tmp_path, GOOD.replace("-7", "-8"), "c.csv", age_seconds=-1)
    assert file_drop.look(drop(), access(tmp_path)).stamp != first


def test_another_encoding_is_read_where_it_is_declared(tmp_path: Path) -> None:
    leave(tmp_path, GOOD.replace("KIND", "TYPEÅ").encode("latin-1"))
    assert "TYPEÅ" in read_text(drop(encoding="latin-1"), access(tmp_path)).columns


def test_another_encoding_than_declared_is_refused(tmp_path: Path) -> None:
    leave(tmp_path, GOOD.replace("KIND", "TYPEÅ").encode("latin-1"))
    error = refusal(drop(), access(tmp_path))
    assert (error.code, error.state) == ("encoding", "quarantined")


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    leave(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())
    assert next(iter(read_text(drop(), access(tmp_path)).columns)) == "AREA"


def test_another_locale_than_declared_is_a_finding(tmp_path: Path) -> None:
    leave(tmp_path, GOOD.replace("1.234,5", "1,234.5"))
    findings = cast_text(drop(), read_text(drop(), access(tmp_path))).findings
    assert [(finding.code, finding.found) for finding in findings] == [("number-form", "1,234.5")]


def test_a_quoted_cell_may_hold_the_delimiter(tmp_path: Path) -> None:
    leave(tmp_path, GOOD.replace(";A;", ';"A;B";'))
    assert read_text(drop(), access(tmp_path))["KIND"].to_list() == ["A;B", "B"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(GOOD + "101;A;2024\r\n", "row 4 has another number", id="short row"),
        pytest.param(GOOD.replace("-7", "-7;8"), "row 3 has another number", id="long row"),
        pytest.param("AREA;KIND;TID;N;X\r\n", "no rows", id="header only"),
        pytest.param("<html></html>", "web page", id="web page"),
        pytest.param("", "empty", id="empty"),
        pytest.param("\ufeff\r\n", "empty", id="blank"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_place(
    tmp_path: Path, content: str, told: str
) -> None:
    leave(tmp_path, content)
    error = refusal(drop(), access(tmp_path))
    assert isinstance(error, AnswerError)
    assert told in error.message


def test_another_delimiter_than_declared_is_refused_as_another_table(tmp_path: Path) -> None:
    leave(tmp_path, GOOD.replace(",", ".").replace(";", ","))
    with pytest.raises(AnswerError, match="no header in row 1, none of the columns AREA"):
        read_text(drop(), access(tmp_path))


def test_an_embedded_file_stands_in_for_the_inbox_and_has_no_date(tmp_path: Path) -> None:
    leave(tmp_path / "inbox", GOOD.replace("-7", "-8"))
    leave(tmp_path / "embedded", GOOD)
    embedded = replace(access(tmp_path / "inbox"), embedded=tmp_path / "embedded")
    look, answer = look_and_fetch(drop(), embedded)
    assert answer.content == GOOD.encode()
    assert answer.url == "embedded/statbank_dropped/a.csv"
    assert look.provider_updated_at is None
    assert look.stamp == file_drop.look(drop(), access(tmp_path / "embedded")).stamp


def test_a_source_without_an_embedded_file_takes_what_was_left(tmp_path: Path) -> None:
    leave(tmp_path / "inbox", GOOD)
    embedded = replace(access(tmp_path / "inbox"), embedded=tmp_path / "embedded")
    look, answer = look_and_fetch(drop(), embedded)
    assert answer.url == "inbox/statbank_dropped/a.csv"
    assert look.provider_updated_at == NOW.isoformat()


def test_only_the_snapshot_has_embedded_files() -> None:
    assert embedded_files("live") is None
    embedded = embedded_files("snapshot")
    assert embedded is not None
    dropped = {s.id for s in load_sources() if s.request.protocol == "file_drop"}
    assert {folder.name for folder in embedded.iterdir()} <= dropped
