"""How long hours of all municipalities take from landed bytes to accepted rows, and one more day.

Usage: ``python -m benchmarks.hours --months 24``. Figures are invented (``tests.providers.hours``);
fetching is not measured, for a request a minute is what the provider allows.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from expectations.engine import load
from ingestion.windows import window_of
from orchestration.intake import Intake
from orchestration.settings import load_settings
from tests.orchestration.test_hours import SOURCE_ID, declared
from tests.providers.hours import HourlyDataSet
from tests.providers.server import Providers
from warehouse import accepted
from warehouse.layout import Layout

UNTIL = datetime(2026, 11, 15, tzinfo=UTC)
LOOK_BACK_DAYS = 60


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=24)
    months = parser.parse_args().months
    load()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), months)


def _measure(home: Path, months: int) -> None:
    data, providers = HourlyDataSet(UNTIL), Providers()
    providers.add("energidataservice", data.answer)
    try:
        first = window_of(UNTIL - timedelta(days=30.4 * months)).name
        full = _night(home, providers, data, first, months + 2)
        data.until = data.changed = UNTIL + timedelta(days=1)
        day = _night(home, providers, data, first, months + 2)
    finally:
        providers.close()
    release = accepted.newest(Layout(home), SOURCE_ID)
    if release is None:
        raise RuntimeError("no month was accepted")
    files = [str(path) for path in accepted.parquet_paths(Layout(home), release)]
    read = _seconds(lambda: _bare_sum(files))
    rows = release.rows_accepted
    print(f"{len(files)} months, {rows:,} rows")
    print(f"all of them: {full:.1f} s, {full / len(files):.2f} s a month")
    print(f"one more day: {day:.1f} s, {day / full:.1%} of all")
    print(f"bare DuckDB sum over the accepted files: {read:.2f} s")


def _bare_sum(files: list[str]) -> object:
    asked = f"select sum(consumption_kwh) from read_parquet({files})"
    return duckdb.sql(asked).fetchall()


def _night(home: Path, providers: Providers, data: HourlyDataSet, first: str, most: int) -> float:
    """Seconds of the heavy half of one night: parse, cast, gate 1, write."""
    source = declared(first, most_per_run=most, look_back_days=LOOK_BACK_DAYS)
    variables = {
        "KLIMAMONITOR_HOME": str(home),
        "KLIMAMONITOR_TRANSPORT": "live",
        "KLIMAMONITOR_AS_OF": (data.until + timedelta(days=9)).isoformat(),
        "KLIMAMONITOR_ENERGIDATASERVICE_URL": providers.energidataservice_url,
    }
    settings = load_settings(variables)
    intake = Intake(settings, settings.now().isoformat())
    intake.access(source.provider).client.pace.seconds = 0
    intake.prepare(source)
    return _seconds(lambda: intake.take_in(source))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
