"""A source by the hour, month by month over loopback: what is fetched, kept, corrected, refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations import rules
from ingestion.declaration import Source, source_by_id
from ingestion.request import EnergiDataServiceRequest, Windows
from ingestion.windows import Window
from orchestration.intake import Intake, Scope
from orchestration.settings import Settings
from orchestration.source_states import source_state
from tests.ingestion.reading import quick_session
from tests.orchestration.conftest import settings_for
from tests.providers import faults
from tests.providers.hours import HOUR, NAME, HourlyDataSet
from tests.providers.server import Providers
from warehouse import accepted
from warehouse.accepted import Release
from warehouse.outcomes import Outcome

SOURCE_ID = "energidataservice_re_coverage_municipality"
PATH = f"/dataset/{NAME}"


def declared(first: str, **changes: int) -> Source:
    """The shipped declaration, begun later."""
    source = source_by_id(SOURCE_ID)
    assert isinstance(source.request, EnergiDataServiceRequest)
    windows = Windows(first=first, **{"look_back_days": 60, **changes})
    request = source.request.model_copy(update={"windows": windows})
    return source.model_copy(update={"request": request})


@pytest.fixture
def data(providers: Providers) -> HourlyDataSet:
    data = HourlyDataSet(until=datetime(2026, 11, 15, tzinfo=UTC))
    providers.add("energidataservice", data.answer)
    return data


def settings_at(home: Path, providers: Providers, moment: datetime) -> Settings:
    return settings_for(
        home,
        KLIMAMONITOR_TRANSPORT="live",
        KLIMAMONITOR_AS_OF=moment.isoformat(),
        KLIMAMONITOR_ENERGIDATASERVICE_URL=providers.energidataservice_url,
    )


def night(settings: Settings, source: Source, *, months: frozenset[str] = frozenset()) -> Outcome:
    intake = Intake(settings, settings.now().isoformat(), scope=Scope(months=months))
    intake.session.mount("http://", quick_session().get_adapter("http://"))
    access = intake.access(source.provider)
    access.client.pace.seconds = 0
    return intake.take_in(source)


def asked_months(providers: Providers, since: int = 0) -> list[str]:
    """The months that were asked for, in order."""
    asked = [seen for seen in providers.asked("energidataservice") if seen.path == PATH]
    starts = [datetime.fromisoformat(seen.query["start"]) for seen in asked[since:]]
    return [f"{(s + timedelta(days=2)).year}M{(s + timedelta(days=2)).month:02}" for s in starts]


def release_of(settings: Settings) -> Release:
    release = accepted.newest(settings.layout, SOURCE_ID)
    assert release is not None
    return release


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    """Ask the rows in force, as dbt reads them."""
    paths = [str(p) for p in accepted.parquet_paths(settings.layout, release_of(settings))]
    with duckdb.connect() as connection:
        connection.execute(f"create view hours as select * from read_parquet({paths})")
        return connection.execute(sql).fetchall()


NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def test_months_come_newest_first_and_only_so_many_a_night(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M07", most_per_run=3)
    settings = settings_at(tmp_path, providers, NOW)
    first = night(settings, source)
    assert (first.result, asked_months(providers)) == (
        "accepted",
        ["2026M11", "2026M10", "2026M09"],
    )
    second = night(settings, source)
    assert second.result == "accepted"
    assert asked_months(providers, since=3) == ["2026M08", "2026M07"]
    third = night(settings, source)
    assert (third.result, len(asked_months(providers))) == ("unchanged", 5)
    assert list(release_of(settings).windows) == [f"2026M{n:02}" for n in range(7, 12)]
    hours = (data.until - Window("2026M07").start) // HOUR
    assert release_of(settings).rows_accepted == 98 * hours
    assert rows(settings, "select count(*), count(distinct row_key) from hours") == [
        (98 * hours, 98 * hours)
    ]


def test_news_brings_the_months_of_the_look_back_and_no_others(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M07", look_back_days=40)
    night(settings_at(tmp_path, providers, NOW), source)
    data.until = data.changed = data.until + timedelta(days=1)
    outcome = night(settings_at(tmp_path, providers, NOW + timedelta(days=1)), source)
    # September ended 55 days ago and was fetched so late that it is not corrected any more.
    assert asked_months(providers, since=5) == ["2026M11", "2026M10"]
    assert (outcome.result, outcome.windows) == ("accepted", ("2026M10", "2026M11"))


def test_a_month_is_settled_once_it_was_fetched_after_its_look_back(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M10", look_back_days=40)
    night(settings_at(tmp_path, providers, NOW), source)
    # Nobody looked for two months; October was never fetched after its look-back.
    data.until = data.changed = datetime(2027, 1, 20, tzinfo=UTC)
    late = datetime(2027, 1, 25, 2, 30, tzinfo=UTC)
    night(settings_at(tmp_path, providers, late), source)
    assert asked_months(providers, since=2) == ["2027M01", "2026M12", "2026M11", "2026M10"]
    data.until = data.changed = datetime(2027, 1, 21, tzinfo=UTC)
    night(settings_at(tmp_path, providers, late + timedelta(days=1)), source)
    assert asked_months(providers, since=6) == ["2027M01", "2026M12"]


def test_the_hours_of_spring_and_autumn_are_right(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    data.until = datetime(2026, 11, 1, tzinfo=UTC)
    settings = settings_at(tmp_path, providers, datetime(2026, 11, 24, tzinfo=UTC))
    night(settings, declared("2026M03", most_per_run=20))
    by_day = (
        "select hour_dk::date::varchar, count(*) from hours where municipality_code = '0101' "
        "and hour_dk < timestamp '2026-11-01' group by 1 having count(*) <> 24 order by 1"
    )
    assert rows(settings, by_day) == [("2026-03-29", 23), ("2026-10-25", 25)]
    twice = (
        "select hour_utc::varchar from hours where municipality_code = '0101' "
        "and hour_dk = timestamp '2026-10-25 02:00' order by all"
    )
    assert rows(settings, twice) == [("2026-10-25 00:00:00",), ("2026-10-25 01:00:00",)]
    release = release_of(settings)
    assert release.windows["2026M03"].rows_accepted == 98 * (31 * 24 - 1)
    assert release.windows["2026M10"].rows_accepted == 98 * (31 * 24 + 1)


def test_a_late_correction_replaces_exactly_its_hours(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M09")
    settings = settings_at(tmp_path, providers, NOW)
    night(settings, source)
    old = release_of(settings)
    before = set(rows(settings, "select * exclude (landed_id) from hours"))
    wrong = datetime(2026, 10, 25, 1, tzinfo=UTC)
    data.corrections[("751", wrong)] = 1.05
    data.changed += HOUR
    later = settings_at(tmp_path, providers, NOW + timedelta(days=1))
    assert night(later, source).result == "accepted"
    after = set(rows(later, "select * exclude (landed_id) from hours"))
    keys = [[row[:2] for row in some] for some in (after - before, before - after)]
    assert keys == [[("0751", wrong.replace(tzinfo=None))]] * 2
    release = release_of(later)
    shared = {name for name in old.windows if old.windows[name] == release.windows[name]}
    assert shared == {"2026M09", "2026M11"}
    # The publication of yesterday can still be read as it was.
    assert all(path.exists() for path in accepted.parquet_paths(later.layout, old))


def test_a_person_can_have_a_settled_month_fetched_again(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M06")
    settings = settings_at(tmp_path, providers, NOW)
    night(settings, source)
    data.corrections[("101", Window("2026M06").start)] = 1.02
    assert night(settings, source).result == "unchanged"
    outcome = night(settings, source, months=frozenset({"2026M06"}))
    assert (outcome.result, asked_months(providers, since=6)) == ("accepted", ["2026M06"])
    assert night(settings, source).result == "unchanged"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (
            lambda data: data.skipped.add(datetime(2026, 10, 5, 7, tzinfo=UTC)),
            "gate-renewable_kept_kwh_periods_lost",
        ),
        (lambda data: setattr(data, "factor", 1000.0), "gate-renewable_kept_kwh_range"),
    ],
    ids=["an hour is missing", "thousand times"],
)
def test_a_month_that_is_refused_leaves_the_others_alone(
    tmp_path: Path, providers: Providers, data: HourlyDataSet, spoil: object, code: str
) -> None:
    source = declared("2026M09")
    settings = settings_at(tmp_path, providers, NOW)
    night(settings, source)
    known = release_of(settings)
    spoil(data)  # type: ignore[operator]
    data.changed += HOUR
    later = settings_at(tmp_path, providers, NOW + timedelta(days=1))
    outcome = night(later, source)
    assert (outcome.result, outcome.code) == ("quarantined", code)
    assert str(outcome.reason).startswith("2026M"), "the month is named"
    assert release_of(later).windows["2026M10"] == known.windows["2026M10"]
    assert source_state(later, source, outcome).state == "quarantined"
    # Mended at the provider's, it comes by itself.
    data.skipped.clear()
    data.factor = 1.0
    data.changed += HOUR
    mended = night(settings_at(tmp_path, providers, NOW + timedelta(days=2)), source)
    assert mended.result in ("accepted", "unchanged")


def test_what_came_before_the_provider_fell_silent_is_kept(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M07")
    settings = settings_at(tmp_path, providers, NOW)
    september = f"{Window('2026M09').start:%Y-%m-%dT%H:%M}"
    providers.fail(
        "energidataservice",
        lambda request: request.query.get("start") == september,
        faults.status(500),
    )
    outcome = night(settings, source)
    assert (outcome.result, list(release_of(settings).windows)) == (
        "failed",
        ["2026M10", "2026M11"],
    )
    providers.heal("energidataservice")
    assert night(settings, source).result == "accepted"
    assert len(release_of(settings).windows) == 5


def test_another_reading_takes_the_landed_months_and_asks_nobody(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M09")
    settings = settings_at(tmp_path, providers, NOW)
    night(settings, source)
    asked = len(asked_months(providers))
    last = source.columns[-1].model_copy(update={"maximum": 4_000_000})
    changed = source.model_copy(update={"columns": [*source.columns[:-1], last]})
    outcome = night(settings, changed)
    assert (outcome.result, len(asked_months(providers))) == ("accepted", asked)
    assert list(release_of(settings).windows) == ["2026M09", "2026M10", "2026M11"]
    assert night(settings, changed).result == "unchanged"


def test_a_month_that_has_begun_without_figures_is_no_trouble(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    data.until = data.changed = datetime(2026, 10, 31, 20, tzinfo=UTC)
    settings = settings_at(tmp_path, providers, datetime(2026, 11, 3, tzinfo=UTC))
    outcome = night(settings, declared("2026M10"))
    assert (outcome.result, list(release_of(settings).windows)) == ("accepted", ["2026M10"])
    assert release_of(settings).latest_period == "2026-10-31 19:00:00"


def test_a_month_with_a_gap_is_refused_though_nothing_is_known_of_it(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    data.skipped.add(datetime(2026, 11, 5, 7, tzinfo=UTC))
    settings = settings_at(tmp_path, providers, NOW)
    outcome = night(settings, declared("2026M11"))
    assert (outcome.result, outcome.code) == ("quarantined", "gate-hours_missing")
    assert accepted.newest(settings.layout, SOURCE_ID) is None
    assert source_state(settings, declared("2026M11"), outcome).state == "quarantined"


def test_months_that_were_asked_for_without_a_column_are_fetched_again(
    tmp_path: Path, providers: Providers, data: HourlyDataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules_file = tmp_path / "expectations" / "sources" / f"{SOURCE_ID}.yml"
    rules_file.parent.mkdir(parents=True)
    rules_file.write_text("rules: []\n", encoding="utf-8")
    monkeypatch.setattr(rules, "FOLDER", tmp_path / "expectations")
    source = declared("2026M10")
    fewer = source.model_copy(
        update={"columns": [c for c in source.columns if c.name != "consumption_kwh"]}
    )
    settings = settings_at(tmp_path / "data", providers, NOW)
    assert night(settings, fewer).result == "accepted"
    assert night(settings, source).result == "accepted"
    assert asked_months(providers) == ["2026M11", "2026M10"] * 2
    assert rows(settings, "select count(*) from hours where consumption_kwh is null") == [(0,)]


def test_a_landed_month_that_is_gone_is_fetched_again(
    tmp_path: Path, providers: Providers, data: HourlyDataSet
) -> None:
    source = declared("2026M10")
    settings = settings_at(tmp_path, providers, NOW)
    night(settings, source)
    window = release_of(settings).windows["2026M10"]
    (settings.layout.landing / SOURCE_ID / f"{window.release_id}.json").unlink()
    last = source.columns[-1].model_copy(update={"maximum": 4_000_000})
    changed = source.model_copy(update={"columns": [*source.columns[:-1], last]})
    assert night(settings, changed).result == "accepted"
    assert asked_months(providers, since=2) == ["2026M10"]
    assert list(release_of(settings).windows) == ["2026M10", "2026M11"]
