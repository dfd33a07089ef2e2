"""The whole way of submitted figures: template, inbox, publication, and back to sheet and cell."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from orchestration.handing_in import hand_in
from orchestration.prefill import make_template
from orchestration.reports import status_report
from orchestration.settings import Settings
from tests.ingestion.submissions.handed_in import catalogue
from tests.ingestion.submissions.hostile import HOSTILE
from tests.orchestration.conftest import run, settings_for
from tests.orchestration.handing import SIGNED, bundle
from warehouse.explain import explain
from warehouse.publications import read_manifest

CODE, YEAR = "0151", 2025
SPOILT = ("0101", "0621", "0860")


def ask(settings: Settings, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    file = settings.layout.current / "monitoring.duckdb"
    with duckdb.connect(str(file.resolve()), read_only=True) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql, list(parameters)).fetchall()
    return rows


@dataclass(frozen=True)
class Trial:
    """A state root in which a report was handed in, corrected through the inbox, and published."""

    settings: Settings
    first_id: str
    second_id: str
    first_version: str
    second_version: str


@pytest.fixture(scope="module")
def trial(first_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    home = tmp_path_factory.mktemp("reporting") / "data"
    shutil.copytree(first_root, home, symlinks=True)
    settings = settings_for(home)
    path = home / "skema.xlsx"
    path.write_bytes(make_template(settings, CODE, YEAR))
    book = openpyxl.load_workbook(path)
    answer(book, "Kommune", SIGNED)
    answer(book, "Nøgletal", {"buses_total": 20, "buses_electric": 2, "buses_hydrogen": 1})
    answer(book, "Nøgletal", {"buses_biogas": 4, "buses_hvo": 0, "buses_hybrid": 3})
    answer(book, "Nøgletal", {"buses_fossil": "10,0", "vans_total": "NE"})
    book.save(path)
    (first,) = hand_in_path(settings, path)
    published = run(settings)
    answer(book, "Nøgletal", {"buses_electric": 5, "buses_fossil": 7})
    book.save(settings.layout.inbox / "rettet skema.xlsx")
    (settings.layout.inbox / "ødelagt.xlsx").write_bytes(b"PK\x03\x04" + bytes(50))
    again = run(settings)
    assert (published.result, again.result) == ("published", "published")
    second = next(r for r in status_ids(settings) if r not in (first, *published_ids(home)))
    assert published.version
    assert again.version
    return Trial(settings, first, second, published.version, again.version)


def answer(book: openpyxl.Workbook, sheet: str, answers: dict[str, Any]) -> None:
    """Write answers beside their row's code, as a person would; a key gets its explanation."""
    headers = [cell.value for cell in book[sheet][4]]
    wanted = next(h for h in headers if h in ("Svar", "Værdi (i rækkens enhed)"))
    for row in book[sheet].iter_rows(min_row=5):
        if row[0].value in answers:
            row[headers.index(wanted)].value = answers[str(row[0].value)]
            if answers[str(row[0].value)] == "NE":
                row[headers.index("Forklaring")].value = "Tallene er ikke opgjort."


def hand_in_path(settings: Settings, path: Path) -> list[str]:
    from orchestration.arrivals import Arrival

    receipts = hand_in(settings, [Arrival(path.name, path.read_bytes())])
    assert [(r.status, r.findings) for r in receipts] == [("accepted", ())]
    return [receipt.submission.submission_id for receipt in receipts]


def status_ids(settings: Settings) -> list[str]:
    rows = ask(settings, "select submission_id from fct_submission where is_in_force")
    return [row[0] for row in rows]


def published_ids(home: Path) -> list[str]:
    rows = ask(settings_for(home), "select submission_id from fct_submission where is_example")
    return [row[0] for row in rows]


def test_submitted_figures_stand_beside_public_ones_with_sheet_and_cell(trial: Trial) -> None:
    ((value, origin, numerator, denominator, reference),) = ask(
        trial.settings,
        "select value, origin, numerator, denominator, source_ref from fct_indicator_value "
        "where municipality_code = ? and year = ? and indicator_id = 'bus_zero_emission_share'",
        CODE,
        YEAR,
    )
    assert (value, origin, numerator, denominator) == (30.0, "submitted", 6.0, 20.0)
    assert "#Nøgletal!E6 + " in reference
    assert reference.endswith("#Nøgletal!E5")
    public = ask(
        trial.settings,
        "select count(*) from fct_indicator_value "
        "where municipality_code = ? and origin = 'public'",
        CODE,
    )
    assert public[0][0] > 0


def test_the_corrected_value_says_what_it_supersedes(trial: Trial) -> None:
    rows = ask(
        trial.settings,
        "select source_ref, supersedes from fct_indicator_value where municipality_code = ? "
        "and year = ? and indicator_id = 'bus_zero_emission_share'",
        CODE,
        YEAR,
    )
    ((reference, supersedes),) = rows
    assert supersedes
    assert supersedes.split("@")[1][:64] != reference.split("@")[1][:64]


def test_both_versions_can_be_explained(trial: Trial) -> None:
    now = explain(trial.settings.layout, CODE, "bus_zero_emission_share", YEAR)
    before = explain(
        trial.settings.layout, CODE, "bus_zero_emission_share", YEAR, trial.first_version
    )
    assert now["number"]["value"] == 30.0
    assert before["number"]["value"] == 15.0
    electric = next(part for part in now["inputs"] if part["row_key"] == "Nøgletal!E6")
    told = [(v["submission_id"], v["status"], v["value"]) for v in electric["versions"]]
    assert told == [(trial.first_id, "superseded", 2.0), (trial.second_id, "accepted", 5.0)]
    earlier = next(part for part in before["inputs"] if part["row_key"] == "Nøgletal!E6")
    assert earlier["row"]["value_number"] == 2.0
    assert earlier["submission"]["status"] == "superseded"


def test_a_key_is_published_with_the_municipalitys_explanation(trial: Trial) -> None:
    rows = ask(
        trial.settings,
        "select value, notation_key, notation_explanation from fct_indicator_value "
        "where municipality_code = ? and year = ? and indicator_id = 'van_alternative_share'",
        CODE,
        YEAR,
    )
    assert all(value is None and key == "NE" for value, key, _why in rows)


def test_the_inbox_is_emptied_and_the_broken_file_has_its_finding(trial: Trial) -> None:
    assert [path.name for path in trial.settings.layout.inbox.iterdir() if path.is_file()] == []
    rows = ask(
        trial.settings,
        "select fct_submission.status, code, text_da from fct_submission "
        "inner join fct_submission_finding using (submission_id) "
        "where not fct_submission.is_example",
    )
    assert [(status, code) for status, code, _text in rows] == [("rejected", "archive-broken")]
    assert "beskadiget" in rows[0][2]


def test_status_and_manifest_tell_of_the_submissions(trial: Trial) -> None:
    report = status_report(trial.settings)
    assert report["submissions"]["waiting_in_inbox"] == 0
    assert [row["errors"] for row in report["submissions"]["rejected"]] == [1]
    state = next(s for s in report["sources"] if s["source_id"] == "municipal_submissions")
    (published,) = ask(
        trial.settings,
        "select state, reason from fct_source_freshness where source_id = 'municipal_submissions'",
    )
    assert (state["state"], state["reason"]) == published
    manifest = read_manifest(trial.settings.layout.current)
    assert manifest
    assert trial.second_id in manifest["submissions"]
    assert trial.first_id not in manifest["submissions"]
    assert any("invented examples" in note for note in manifest["notes"])


def test_no_name_or_address_is_in_any_publication(trial: Trial) -> None:
    for path in trial.settings.layout.publications.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"Ane Hansen" not in content, path
            assert b"kommune.example" not in content, path


def test_a_template_for_the_same_year_holds_the_accepted_answers(trial: Trial) -> None:
    path = trial.settings.layout.home / "igen.xlsx"
    path.write_bytes(make_template(trial.settings, CODE, YEAR))
    sheet = openpyxl.load_workbook(path)["Nøgletal"]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows(min_row=5)}
    headers = [cell.value for cell in sheet[4]]
    value, last = headers.index("Værdi (i rækkens enhed)"), headers.index("Sidst godkendt")
    assert rows["buses_electric"][value] == 5
    assert rows["buses_electric"][last] == "5 (2025)"


def test_a_template_shows_public_figures_with_their_year(trial: Trial) -> None:
    path = trial.settings.layout.home / "ny.xlsx"
    path.write_bytes(make_template(trial.settings, "0147", YEAR))
    sheet = openpyxl.load_workbook(path)["Udledninger"]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows(min_row=5)}
    headers = [cell.value for cell in sheet[4]]
    assert (
        rows["ghg_danish_account"][headers.index("Offentligt tal (t CO2e)")] == "105.348,4 (2023)"
    )


def test_examples_are_never_offered_to_somebody_who_reports(trial: Trial) -> None:
    path = trial.settings.layout.home / "ny.xlsx"
    path.write_bytes(make_template(trial.settings, "0147", YEAR))
    book = openpyxl.load_workbook(path)
    texts = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    assert not [text for text in texts if "EKSEMPEL" in text]


def test_the_registers_can_be_handed_in_as_a_workbook(trial: Trial, tmp_path: Path) -> None:
    home = tmp_path / "data"
    shutil.copytree(trial.settings.layout.home, home, symlinks=True)
    settings = settings_for(home)
    path = tmp_path / "registre.xlsx"
    path.write_bytes(make_template(settings, None, 2026))
    book = openpyxl.load_workbook(path)
    row = [
        CODE,
        "Medlem",
        "04-06-2021",
        None,
        "Kommunalbestyrelsens beslutning",
        None,
        "01-02-2026",
    ]
    row[0] = catalogue().municipalities[CODE]
    for column, value in enumerate(row, 1):
        book["Medlemskab"].cell(5, column).value = value
    book.save(path)
    hand_in_path(settings, path)
    assert run(settings).result == "published"
    rows = ask(settings, "select status from fct_membership where municipality_code = ?", CODE)
    assert rows == [("member",)]


def test_a_hostile_file_in_place_of_some_leaves_the_others_bit_identical(
    first_root: Path, tmp_path: Path
) -> None:
    def published(name: str, *, spoilt: tuple[str, ...]) -> dict[str, str]:
        home = tmp_path / name / "data"
        shutil.copytree(first_root, home, symlinks=True)
        settings = settings_for(home)
        for number, code in enumerate(catalogue().municipalities):
            file = settings.layout.inbox / f"{code}.zip"
            file.write_bytes(bundle(code).content)
            if code in spoilt:
                hostile = [h for h in HOSTILE if h.file_name.endswith(".xlsx")][number % 20]
                file.unlink()
                file.with_suffix(".xlsx").write_bytes(hostile.build())
        assert run(settings).result == "published"
        return _hashes_without(settings, SPOILT)

    whole = published("whole", spoilt=())
    assert len(whole) > 10
    assert published("spoilt", spoilt=SPOILT) == whole


def _hashes_without(settings: Settings, codes: tuple[str, ...]) -> dict[str, str]:
    """What every table with municipalities holds of the others.

    A median over peers is a figure of all of them, as an alliance figure is; and the reference of a
    change names everything that was handed in since.
    """
    listed = ", ".join(f"'{code}'" for code in codes)
    tables = ask(
        settings,
        "select table_name from information_schema.columns "
        "where column_name = 'municipality_code' and table_name <> 'fct_peer_comparison' "
        "order by table_name",
    )
    hashes = {}
    for (table,) in tables:
        told = "* exclude (reference)" if table == "fct_publication_change" else "*"
        rows = ask(
            settings,
            f'select {told} from "{table}" where municipality_code not in ({listed}) order by all',
        )
        hashes[table] = json.dumps(rows, default=str)
    return hashes
