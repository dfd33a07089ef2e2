"""``--live`` against the protocols on loopback: same tables, few requests, faults contained."""

import json
from pathlib import Path

import pandas as pd
import pytest

from ingestion.declaration import source_by_id
from ingestion.snapshot.storage import FILE_DROP
from orchestration.open_run import opened
from orchestration.run import RunResult
from orchestration.settings import Settings
from tests.ingestion.reading import EMBEDDED
from tests.orchestration.conftest import LATER, file_bytes, run, settings_for
from tests.providers import faults
from tests.providers.faults import Fault
from tests.providers.server import Providers
from warehouse.accepted import newest, read_frame

CLOCK_TABLES = {
    "dim_source",
    "fct_coverage",
    "fct_source_freshness",
    "publication_log",
}
# Invented reports exist in the snapshot alone.
OF_EXAMPLES = ("0147", "0665", "0751")
# Their figures are among the sums, from the first year for which there is a report.
OVER_MUNICIPALITIES = {
    "fct_panel_indicator",
    "mart_alliance_year",
    "mart_coverage_indicator_year",
}
SOURCES = [source.id for source in EMBEDDED]
KLIMAREGNSKABET = "klimaregnskabet_key_figures"
HEAT_MIX = "energistyrelsen_district_heat_mix"
CAPACITY = "energidataservice_capacity_per_municipality"
BAD = {"quarantined", "failed"}
DAY_AFTER = "2026-11-26T02:30:00+01:00"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between requests are tested on the client; here they would only cost time."""
    monkeypatch.setattr("ingestion.http.Pace.wait", lambda _self, _key: None)


def live(home: Path, providers: Providers, **variables: str) -> Settings:
    """Providers on loopback, and the file that no provider sends in the inbox."""
    if not list((home / "inbox" / HEAT_MIX).glob("*.csv")):
        (embedded,) = (FILE_DROP / HEAT_MIX).glob("*.csv")
        leave(home, embedded.read_bytes())
    return settings_for(
        home,
        KLIMAMONITOR_TRANSPORT="live",
        KLIMAMONITOR_KLIMAREGNSKABET_KEY=variables.pop("key", "a key"),
        **{**providers.variables, **variables},
    )


def leave(home: Path, content: bytes) -> None:
    """Leave the file of the heat mix in the inbox."""
    folder = home / "inbox" / HEAT_MIX
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mix.csv").write_bytes(content)


def manifest(home: Path) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = json.loads(
        (home / "current" / "manifest.json").read_text()
    )
    return found


def state(home: Path, source_id: str) -> str:
    return str(manifest(home)["source_states"][source_id])


def test_live_gives_the_tables_of_the_snapshot_with_one_request_per_table(
    first_root: Path, tmp_path: Path, providers: Providers
) -> None:
    home = tmp_path / "live"
    assert run(live(home, providers)).result == "published"
    ours, theirs = tables(home), tables(first_root)
    differing = {name for name in theirs if ours[name] != theirs[name]}
    assert differing <= CLOCK_TABLES
    assert ours["fct_submission"] == []
    data = [seen for seen in providers.asked("statbank") if seen.path.endswith("/data")]
    records = [
        seen for seen in providers.asked("energidataservice") if seen.path.startswith("/dataset/")
    ]
    assert len(data) == 7
    assert len(records) == 1


def bad(source_id: str) -> tuple[str, str, Fault]:
    """Provider, what to match and a fault that spoils just this source."""
    source = source_by_id(source_id)
    if source.provider == "statbank":
        return "statbank", f'"{source.table}"', faults.html()
    if source.provider == "energidataservice":
        return "energidataservice", "/dataset/", faults.renamed_column("Month", "Maaned")
    return "klimaregnskabet", "municipality=825", faults.empty()


def spoil(home: Path, providers: Providers, source_id: str) -> None:
    """Let just this source answer badly."""
    if source_id == HEAT_MIX:
        leave(home, b"<html>not found</html>")
    else:
        providers.fail(*bad(source_id))


@pytest.mark.parametrize("source_id", SOURCES)
def test_a_bad_source_is_visible_and_its_last_figures_stay_in_force(
    home: Path, providers: Providers, source_id: str
) -> None:
    before = figures(home, source_id)
    spoil(home, providers, source_id)
    assert taken_in(live(home, providers, KLIMAMONITOR_AS_OF=LATER), source_id) in BAD
    assert figures(home, source_id).equals(before)


def taken_in(settings: Settings, source_id: str) -> str:
    """Ask one source, and publish nothing; its state."""
    with opened(settings, force=False) as night:
        night.has_news()
        night.take_in(source_by_id(source_id))
        return str(night.states[source_id].state)


def figures(home: Path, source_id: str) -> pd.DataFrame:
    """The rows in force of a source, without their places in the answer."""
    layout, source = settings_for(home).layout, source_by_id(source_id)
    release = newest(layout, source.id)
    assert release is not None
    wanted = [*source.key, *(measure.name for measure in source.measures)]
    rows = read_frame(layout, release)[wanted].sort_values(source.key)
    return rows.reset_index(drop=True)


def test_one_bad_source_changes_no_published_number(
    first_root: Path, home: Path, providers: Providers
) -> None:
    source_id = "statbank_bil54"
    spoil(home, providers, source_id)
    result = run(live(home, providers, KLIMAMONITOR_AS_OF=LATER))
    assert result.result == "published", result.reasons
    assert state(home, source_id) in BAD
    assert not {state(home, other) for other in SOURCES if other != source_id} & BAD
    assert numbers(home) == numbers(first_root)


def numbers(home: Path) -> list[tuple[object, ...]]:
    """Every published value, without the time at which it was recorded."""
    return ask(
        home,
        "select municipality_code, indicator_id, year, value, numerator, denominator "
        "from fct_indicator_value where not is_example order by all",
    )


def tables(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every published table, without the municipalities that have invented reports."""
    columns = ask(
        home,
        "select table_name, list(column_name) from information_schema.columns group by all",
    )
    found = {}
    for name, names in columns:
        conditions = ["true"]
        if "municipality_code" in names and name != "dim_municipality":  # type: ignore[operator]
            conditions.append(f"municipality_code not in {OF_EXAMPLES}")
        if name in OVER_MUNICIPALITIES:
            conditions.append("year < 2023")
        sql = f'select * from "{name}" where {" and ".join(conditions)} order by all'
        found[str(name)] = ask(home, sql)
    return found


def ask(home: Path, sql: str) -> list[tuple[object, ...]]:
    import duckdb

    with duckdb.connect(str(home / "current" / "monitoring.duckdb"), read_only=True) as file:
        return file.execute(sql).fetchall()


def test_a_missing_key_and_a_file_nobody_left_are_visible_states_and_block_nothing(
    tmp_path: Path, providers: Providers
) -> None:
    home = tmp_path / "without"
    settings = live(home, providers, key="")
    (home / "inbox" / HEAT_MIX / "mix.csv").unlink()
    result = run(settings)
    assert result.result == "published", result.reasons
    assert {state(home, source) for source in (KLIMAREGNSKABET, HEAT_MIX)} == {"not_configured"}
    assert providers.asked("klimaregnskabet") == []
    told = ask(
        home,
        "select distinct value, reason_code from fct_indicator "
        "where indicator_id = 'district_heat_fossil_share'",
    )
    assert told == [(None, "source_empty")]
    assert numbers(home)


def test_a_provider_that_is_down_leaves_the_last_figures_in_force(
    first_root: Path, home: Path, providers: Providers
) -> None:
    providers.down("statbank")
    result = run(live(home, providers, KLIMAMONITOR_AS_OF=LATER))
    assert result.result == "published", result.reasons
    assert {state(home, s) for s in SOURCES if s.startswith("statbank")} == {"failed"}
    assert numbers(home) == numbers(first_root)


def test_all_sources_refused_holds_the_publication(home: Path, providers: Providers) -> None:
    before = file_bytes(home / "current")
    for provider in ("statbank", "energidataservice"):
        providers.fail(provider, "/data", faults.magnified(1000))
    providers.fail("klimaregnskabet", None, faults.magnified(1000))
    result: RunResult = run(live(home, providers, KLIMAMONITOR_AS_OF=LATER))
    assert (result.result, result.exit_code) == ("held", 3)
    assert "in quarantine" in result.reasons[0]
    assert file_bytes(home / "current") == before


def test_a_frozen_data_set_is_retired_and_its_figures_stay(
    home: Path, providers: Providers
) -> None:
    before = figures(home, CAPACITY)
    providers.fail("energidataservice", "/meta/", faults.retired())
    assert taken_in(live(home, providers, KLIMAMONITOR_AS_OF=LATER), CAPACITY) == "retired"
    assert figures(home, CAPACITY).equals(before)


def test_a_revision_is_a_new_release_and_the_old_one_is_kept(
    home: Path, providers: Providers
) -> None:
    source_id = "statbank_bil707"
    taken_in(live(home, providers, KLIMAMONITOR_AS_OF=LATER), source_id)
    before = {path.name for path in (home / "accepted" / source_id).iterdir()}
    fault = faults.new_release("2026-11-20T08:00:00", lambda _: "175000")
    providers.fail("statbank", '"BIL707"', fault)
    assert taken_in(live(home, providers, KLIMAMONITOR_AS_OF=DAY_AFTER), source_id) not in BAD
    after = {path.name for path in (home / "accepted" / source_id).iterdir()}
    assert before < after


def test_what_was_refused_is_asked_for_again_and_recovers(home: Path, providers: Providers) -> None:
    source_id = "statbank_are207"
    providers.fail("statbank", '"ARE207"', faults.truncated())
    tonight = live(home, providers, KLIMAMONITOR_AS_OF=LATER)
    assert taken_in(tonight, source_id) == "quarantined"
    providers.heal()
    tomorrow = live(home, providers, KLIMAMONITOR_AS_OF=DAY_AFTER)
    assert taken_in(tomorrow, source_id) not in BAD
