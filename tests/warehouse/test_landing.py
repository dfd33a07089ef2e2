"""Landed bytes: addressed by content, kept once, never changed unseen."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.warehouse.publishing import laid_out
from warehouse.landing import Landed, LandingError, land, read_landed, read_sidecar, release_id_of
from warehouse.layout import Layout
from warehouse.quarantine import quarantine

CONTENT = "OMRÅDE;INDHOLD\r\n101;1\r\n".encode()


def landed(content: bytes = CONTENT, at: str = "2026-11-24T02:30:00+00:00") -> Landed:
    return Landed(
        source_id="statbank_are207",
        release_id=release_id_of(content),
        extension="csv",
        url="https://example.org",
        request={"body": {"table": "ARE207"}},
        retrieved_at=at,
        provider_updated_at=None,
        transport="live",
        licence="CC BY 4.0",
        size_bytes=len(content),
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return laid_out(tmp_path / "data")


def files(layout: Layout) -> list[str]:
    return sorted(path.name for path in layout.landing.rglob("*") if path.is_file())


def test_bytes_are_kept_as_they_came_under_the_name_of_their_content(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    release = release_id_of(CONTENT)
    assert files(layout) == [f"{release}.csv", f"{release}.json"]
    assert read_landed(layout, "statbank_are207", release) == (landed(), CONTENT)


def test_the_same_bytes_are_not_stored_twice_and_the_first_sidecar_stands(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    path = layout.landing / "statbank_are207" / landed().file_name
    before = path.stat()
    land(layout, landed(at="2026-12-01T00:00:00+00:00"), CONTENT)
    assert len(files(layout)) == 2
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    sidecar = read_sidecar(layout, "statbank_are207", landed().release_id)
    assert sidecar.retrieved_at == "2026-11-24T02:30:00+00:00"


def test_a_revision_is_kept_beside_the_old_release(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    land(layout, landed(CONTENT + b"x"), CONTENT + b"x")
    assert len(files(layout)) == 4
    assert read_landed(layout, "statbank_are207", landed().release_id)[1] == CONTENT


def test_bytes_without_a_sidecar_are_landed_again(layout: Layout) -> None:
    path = layout.landing / "statbank_are207" / landed().file_name
    path.parent.mkdir()
    path.write_bytes(CONTENT[:5])
    land(layout, landed(), CONTENT)
    assert read_landed(layout, "statbank_are207", landed().release_id)[1] == CONTENT


def test_a_file_changed_after_landing_is_detected(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    path = layout.landing / "statbank_are207" / landed().file_name
    path.write_bytes(CONTENT.replace(b"1\r\n", b"2\r\n"))
    with pytest.raises(LandingError, match="was changed after it landed"):
        read_landed(layout, "statbank_are207", landed().release_id)


def test_a_file_that_is_gone_is_told_with_what_to_do(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    (layout.landing / "statbank_are207" / landed().file_name).unlink()
    with pytest.raises(LandingError, match="Restore it from a backup"):
        read_landed(layout, "statbank_are207", landed().release_id)


def test_no_sidecar_names_the_state_root(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    for path in layout.landing.rglob("*.json"):
        assert str(layout.home) not in path.read_text("utf-8")


def test_a_release_refused_again_for_the_same_reason_is_one_record(layout: Layout) -> None:
    for at in ("2026-11-24", "2026-11-25"):
        quarantine(layout, "statbank_are207", "0" * 64, at, "answer-short", "half came", "hint")
    quarantine(layout, "statbank_are207", "0" * 64, "2026-11-25", "encoding", "latin-1", "")
    records = sorted(layout.quarantine.rglob("*.json"))
    assert [path.name for path in records] == [
        "000000000000-answer-short.json",
        "000000000000-encoding.json",
    ]
    first = json.loads(records[0].read_text("utf-8"))
    assert (first["quarantined_at"], first["reason"]) == ("2026-11-24", "half came")


def test_landing_under_another_source_is_another_file(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    land(layout, replace(landed(), source_id="statbank_bil54"), CONTENT)
    assert len(files(layout)) == 4


def test_an_answer_in_json_is_kept_beside_its_sidecar(layout: Layout) -> None:
    content = b'{"records": []}'
    answer = replace(landed(content), extension="json")
    land(layout, answer, content)
    release = release_id_of(content)
    assert files(layout) == [f"{release}.answer.json", f"{release}.json"]
    assert read_landed(layout, "statbank_are207", release) == (answer, content)


def test_bytes_that_are_gone_are_landed_again_and_the_first_sidecar_stands(layout: Layout) -> None:
    land(layout, landed(), CONTENT)
    (layout.landing / "statbank_are207" / landed().file_name).unlink()
    land(layout, landed(at="2026-12-01T00:00:00+00:00"), CONTENT)
    release = release_id_of(CONTENT)
    assert read_landed(layout, "statbank_are207", release) == (landed(), CONTENT)
