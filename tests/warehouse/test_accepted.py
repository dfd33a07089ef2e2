"""Accepted releases: typed, all kept, the newest in force."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from tests.ingestion.reading import snapshot_frame
from tests.warehouse.publishing import asked, laid_out
from warehouse.accepted import (
    Release,
    accept,
    moment_of_acceptance,
    newest,
    parquet_path,
    read_frame,
    releases,
)
from warehouse.layout import Layout

SOURCE = "statbank_laby25"


def release(at: str = "2026-11-24T02:30:00+00:00", release_id: str = "a" * 64) -> Release:
    return Release(
        source_id=SOURCE,
        release_id=release_id,
        recorded_at=at,
        declaration_hash="1",
        provider_updated_at=None,
        is_active=True,
        latest_period="2023",
        rows_read=196,
        rows_accepted=196,
        rows_set_aside=0,
        transport="snapshot",
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return laid_out(tmp_path / "data")


def test_typed_rows_come_back_as_they_were(layout: Layout) -> None:
    frame = snapshot_frame(SOURCE)
    frame.loc[0, "value"] = pd.NA
    frame.loc[0, "value_missing"] = "nil"
    accept(layout, release(), frame)
    back = read_frame(layout, release())
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)
    assert back["value"].isna().to_list()[:2] == [True, False]
    kinds = back.dtypes.astype(str).to_dict()
    assert (kinds["year"], kinds["value"]) == ("Int32", "Float64")


def test_codes_keep_their_leading_zeros_in_parquet(layout: Layout) -> None:
    path = accept(layout, release(), snapshot_frame(SOURCE))
    sql = f"select min(municipality_code), typeof(any_value(municipality_code)) from '{path}'"
    assert asked(sql) == [("0101", "VARCHAR")]


def test_nothing_accepted_is_none(layout: Layout) -> None:
    assert newest(layout, SOURCE) is None
    assert releases(layout, SOURCE) == []


def test_every_release_is_kept_and_the_newest_is_in_force(layout: Layout) -> None:
    frame = snapshot_frame(SOURCE)
    later = release("2026-11-25T02:30:00+00:00", "b" * 64)
    accept(layout, later, frame)
    accept(layout, release(), frame)
    assert releases(layout, SOURCE) == [release(), later]
    assert newest(layout, SOURCE) == later
    assert parquet_path(layout, release()).exists()
    assert parquet_path(layout, release()).is_absolute()


def test_a_release_counts_only_once_its_record_stands(layout: Layout) -> None:
    path = accept(layout, release(), snapshot_frame(SOURCE))
    path.with_suffix(".json").unlink()
    assert newest(layout, SOURCE) is None


def test_releases_within_one_second_keep_their_order(layout: Layout) -> None:
    frame = snapshot_frame(SOURCE)
    for n in (2, 0, 1):
        accept(layout, release(f"2026-11-24T02:30:00.{n}+00:00", str(n) * 64), frame)
    assert [found.release_id[0] for found in releases(layout, SOURCE)] == ["0", "1", "2"]


def test_no_record_names_the_state_root(layout: Layout) -> None:
    path = accept(layout, replace(release(), transport="live"), snapshot_frame(SOURCE))
    assert str(layout.home) not in path.with_suffix(".json").read_text("utf-8")


def test_a_release_that_is_accepted_when_the_clock_was_set_back_comes_into_force(
    layout: Layout,
) -> None:
    frame = snapshot_frame(SOURCE)
    now = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    assert moment_of_acceptance(layout, SOURCE, now) == now
    accept(layout, release("2035-06-01T02:30:00+00:00"), frame)
    at = moment_of_acceptance(layout, SOURCE, now)
    assert at.isoformat() == "2035-06-01T02:30:00.000001+00:00"
    accept(layout, release(at.isoformat(), "b" * 64), frame)
    assert newest(layout, SOURCE) == release(at.isoformat(), "b" * 64)
