"""The history on its own: what a file holds, what a death leaves, what is refused and named."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.kept import Content, cell, lay_down, made, spoil, values_in, write_row
from tests.warehouse.publishing import laid_out
from warehouse import history, pointer_log, retention
from warehouse.as_of import NotKnownError, number_on, seen_on, write_table
from warehouse.durable import TEMPORARY
from warehouse.layout import Layout
from warehouse.publications import deletions, point_current_at, rollback
from warehouse.recovery import recover

AT = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
TODAY = date(2026, 12, 31)
ONE, TWO, THREE = cell("0101", 2024), cell("0147", 2024), cell("0860", 2024)
CONTENTS: list[tuple[Content, str]] = [
    ({ONE: 1.0, TWO: 2.0}, ""),
    ({ONE: 1.5, THREE: None}, ""),
    ({ONE: 1.5, THREE: None}, ", is_corrected boolean default false"),
]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return made(tmp_path_factory.mktemp("templates"), CONTENTS)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return laid_out(tmp_path / "data")


def publish(layout: Layout, template: Path, at: datetime, *, is_recorded: bool = True) -> str:
    new = lay_down(layout, template, at)
    point_current_at(layout, new.version)
    write_row(layout, new)
    if is_recorded:
        pointer_log.note_current(layout, at)
        history.catch_up(layout, at)
    return new.version


def changes(layout: Layout, number: int) -> list[tuple[object, ...]]:
    path = history.files(layout, "fct_indicator")[number].path
    with duckdb.connect() as connection:
        return connection.execute(
            f"select municipality_code, value, history_change from '{path}' order by 1"
        ).fetchall()


def test_a_file_holds_what_a_publication_changed(layout: Layout, templates: list[Path]) -> None:
    for days, template in enumerate(templates):
        publish(layout, template, AT + timedelta(days=days))
    assert changes(layout, 0) == [("0101", 1.0, "added"), ("0147", 2.0, "added")]
    assert changes(layout, 1) == [
        ("0101", 1.5, "changed"),
        ("0147", 2.0, "removed"),
        ("0860", None, "added"),
    ]
    assert [file.is_whole for file in history.files(layout, "fct_indicator")] == [True, False, True]
    with duckdb.connect() as connection:
        then = connection.execute(seen_on(layout, date(2026, 2, 2), TODAY).sql["fct_indicator"])
        assert "is_corrected" not in [column[0] for column in then.description or []]


def test_the_day_is_denmarks(layout: Layout, templates: list[Path]) -> None:
    version = publish(layout, templates[0], AT)
    with pytest.raises(NotKnownError, match="Readers saw no publication on 2026-01-31"):
        seen_on(layout, date(2026, 1, 31), TODAY)
    assert seen_on(layout, date(2026, 2, 1), TODAY).version == version
    with pytest.raises(NotKnownError, match="yet to come"):
        seen_on(layout, TODAY + timedelta(days=1), TODAY)


def test_a_file_without_its_row_is_written_again(layout: Layout, templates: list[Path]) -> None:
    publish(layout, templates[0], AT)
    publish(layout, templates[1], AT + timedelta(days=1))
    log = layout.history / "recorded.jsonl"
    log.write_text(log.read_text().splitlines(keepends=True)[0])
    half = layout.history / "fct_indicator" / f"{TEMPORARY}1-000002.parquet"
    half.write_bytes(b"half")
    recover(layout)
    assert not half.exists()
    history.catch_up(layout, AT + timedelta(days=2))
    assert len(changes(layout, 1)) == 3
    assert history.catch_up(layout, AT + timedelta(days=2)) == []


def test_a_folder_that_cannot_be_opened_is_named_and_kept(
    layout: Layout, templates: list[Path]
) -> None:
    publish(layout, templates[0], AT)
    bad = publish(layout, templates[1], AT + timedelta(days=1), is_recorded=False)
    spoil(layout, bad)
    last = publish(layout, templates[1], AT + timedelta(days=2))
    rows = history.recorded(layout)
    assert [row["outcome"] for row in rows] == ["recorded", "unreadable", "recorded"]
    assert bad in rows[1]["reason"]
    assert values_in(seen_on(layout, TODAY, TODAY).sql["fct_indicator"]) == CONTENTS[1][0]
    retention.apply_retention(layout, AT + timedelta(days=300))
    assert {path.name for path in layout.publications.iterdir()} >= {bad, last}
    (layout.publications / bad / "manifest.json").unlink()
    (layout.history / "recorded.jsonl").unlink()
    history.catch_up(layout, AT)
    assert "its manifest cannot be read" in history.recorded(layout)[0]["reason"]


def test_a_lost_file_is_named(layout: Layout, templates: list[Path]) -> None:
    publish(layout, templates[0], AT)
    history.files(layout, "fct_indicator")[0].path.unlink()
    with pytest.raises(NotKnownError, match="is missing; take it back from a copy"):
        seen_on(layout, TODAY, TODAY)


def test_before_the_log_began_publications_were_current_since_they_were_made(
    layout: Layout, templates: list[Path]
) -> None:
    first = publish(layout, templates[0], AT, is_recorded=False)
    second = publish(layout, templates[1], AT + timedelta(days=1), is_recorded=False)
    now = AT + timedelta(days=9)
    pointer_log.note_current(layout, now)
    history.catch_up(layout, now)
    assert [seen_on(layout, date(2026, 2, day), TODAY).version for day in (1, 2, 9)] == [
        first,
        second,
        second,
    ]
    assert [move["how"] for move in pointer_log.moves(layout)] == ["assumed", "published"]


def test_a_copied_root_whose_pointer_became_a_folder_is_no_move(
    layout: Layout, templates: list[Path], tmp_path: Path
) -> None:
    publish(layout, templates[0], AT)
    copied = Layout(Path(shutil.copytree(layout.home, tmp_path / "copy")))
    assert copied.current.is_dir()
    assert not copied.current.is_symlink()
    before = pointer_log.moves(copied)
    pointer_log.note_current(copied, AT + timedelta(days=1))
    assert pointer_log.moves(copied) == before
    assert seen_on(copied, TODAY, TODAY).sql.keys() == history.KEYS.keys()


def test_a_clock_that_was_set_back_does_not_hide_later_publications(
    layout: Layout, templates: list[Path]
) -> None:
    ahead = publish(layout, templates[0], AT + timedelta(days=3000))
    now = publish(layout, templates[1], AT)
    later = date(2040, 1, 1)
    assert seen_on(layout, date(2026, 3, 1), later).version == now
    assert seen_on(layout, later, later).version == now
    assert ahead != now


def test_an_interrupted_deletion_is_taken_up_and_written_once(
    layout: Layout, templates: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = publish(layout, templates[0], AT)
    publish(layout, templates[1], AT + timedelta(hours=1))
    now = AT + timedelta(days=40)

    def die(*_: object) -> None:
        raise OSError("killed")

    for step in ("fsync_folder", "shutil.rmtree"):
        with monkeypatch.context() as broken:
            broken.setattr(f"warehouse.retention.{step}", die)
            with pytest.raises(OSError, match="killed"):
                retention.apply_retention(layout, now)
        monkeypatch.undo()
        aside = layout.publications / f"{TEMPORARY}{old}"
        assert aside.exists()
        aside.rename(layout.publications / old)
    assert retention.apply_retention(layout, now) == [old]
    assert list(deletions(layout)) == [old]
    assert (layout.history / "deleted.jsonl").read_text().count("\n") == 1
    with pytest.raises(LookupError, match="was deleted on 2026-03-1"):
        rollback(layout, old)
    with pytest.raises(LookupError, match="was deleted"):
        retention.pin(layout, old, "too late", None, now)
    assert number_on(layout, date(2026, 2, 1), TODAY, *ONE)["number"]["value"] == 1.5


def test_the_rule_keeps_days_then_one_a_period(layout: Layout, templates: list[Path]) -> None:
    versions = [publish(layout, templates[0], AT + timedelta(days=10 * n)) for n in range(8)]
    now = AT + timedelta(days=71)
    kept = {k.version: k for k in retention.keepings(layout, now, retention.Rule(20, "month"))}
    names = ["last of its month" in kept[version].reasons for version in versions]
    assert names == [False, False, True, False, False, True, False, True]
    assert kept[versions[5]].until is None
    assert kept[versions[6]].until == date(2026, 4, 22)
    assert kept[versions[0]].reasons == ()
    yearly = retention.keepings(layout, now, retention.Rule(20, "year"))
    assert [k.version for k in yearly if k.reasons] == versions[6:]


@pytest.mark.parametrize("days_and_period", [(0, "month"), (9, "week"), ("many", "month")])
def test_a_rule_that_cannot_be_meant_is_refused(
    tmp_path: Path, days_and_period: tuple[object, str]
) -> None:
    days, period = days_and_period
    told = f"every_publication_for_days: {days}\nthen_the_last_of_each: {period}\n"
    (tmp_path / "retention.yml").write_text(told)
    with pytest.raises(ValueError, match="write a number of days"):
        retention.retention_rule(tmp_path / "retention.yml")


def test_csv_runs_nothing_in_a_spreadsheet(layout: Layout, templates: list[Path]) -> None:
    publish(layout, templates[1], AT)
    out = layout.home / "then.csv"
    found = write_table(layout, TODAY, TODAY, "fct_indicator", out)
    assert found["rows"] == 2
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("municipality_code,indicator_id,year,value,unit")
    assert "'=ikke indberettet; æøå" in lines[2]
    with pytest.raises(NotKnownError, match=r"must end in \.csv or \.parquet"):
        write_table(layout, TODAY, TODAY, "fct_indicator", layout.home / "then.xlsx")


def test_a_pointer_moved_by_hand_is_noticed_at_its_own_time(
    layout: Layout, templates: list[Path]
) -> None:
    import os

    old = publish(layout, templates[0], AT)
    publish(layout, templates[1], AT + timedelta(days=1))
    point_current_at(layout, old)
    moved = (AT + timedelta(days=3)).timestamp()
    os.utime(layout.current, (moved, moved), follow_symlinks=False)
    pointer_log.note_current(layout, AT + timedelta(days=9))
    seen = seen_on(layout, date(2026, 2, 4), TODAY)
    assert (seen.version, seen.how) == (old, pointer_log.FOUND)
    assert seen_on(layout, date(2026, 2, 3), TODAY).version != old
