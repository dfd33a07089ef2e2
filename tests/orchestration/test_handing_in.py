"""Handing in: what is accepted counts, what is refused says why, nothing is lost or overwritten."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from expectations import submission_gate
from expectations.verdict import GateBrokenError
from ingestion.submissions.cells import Cell, FileCells, SheetCells
from ingestion.submissions.csv_bundle import write_bundle
from ingestion.submissions.facts import Reading
from orchestration import judging
from orchestration.arrivals import Arrival
from orchestration.checking import check_file
from orchestration.handing_in import Receipt, hand_in
from orchestration.prefill import make_template
from orchestration.settings import Settings
from tests.ingestion.submissions.hostile import HOSTILE
from tests.orchestration.conftest import settings_for
from tests.orchestration.handing import bundle, grid, workbook
from warehouse import submissions as store
from warehouse.landing import read_landed
from warehouse.submission_cells import read_cells
from warehouse.submissions import SOURCE_ID

LATER = "2026-11-25T09:00:00+01:00"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_for(tmp_path / "data", KLIMAMONITOR_TRANSPORT="live")
    made.layout.prepare()
    return made


def one(settings: Settings, arrival: Arrival) -> Receipt:
    (receipt,) = hand_in(settings, [arrival])
    return receipt


def codes(receipt: Receipt) -> list[str]:
    return [entry.code for entry in receipt.findings]


def in_force(settings: Settings) -> set[str]:
    return {s.submission.submission_id for s in store.standings(settings.layout) if s.is_in_force}


def test_a_report_that_says_when_it_came_in_is_dated_so(settings: Settings) -> None:
    came = "2026-03-10T10:00:00+00:00"
    assert one(settings, replace(bundle("0147"), received_at=came)).submission.received_at == came


def test_a_good_workbook_is_accepted_and_its_bytes_facts_and_receipt_are_kept(
    settings: Settings,
) -> None:
    arrival = workbook("0147")
    receipt = one(settings, arrival)
    assert (receipt.status, codes(receipt)) == ("accepted", [])
    _landed, content = read_landed(settings.layout, SOURCE_ID, arrival.sha256)
    assert content == arrival.content
    cells = read_cells(settings.layout, [receipt.submission])
    electric = next(c for c in cells if c["row_key"] == "buses_electric" and c["field"] == "value")
    assert (electric["value_number"], electric["sheet"], electric["cell"]) == (10, "Nøgletal", "E6")
    assert {c["file_sha256"] for c in cells} == {arrival.sha256}
    folder = settings.layout.replies / receipt.submission.submission_id
    told = json.loads((folder / "kvittering.json").read_text(encoding="utf-8"))
    assert (told["status"], told["file_sha256"]) == ("accepted", arrival.sha256)
    assert "GODKENDT: Frederiksberg, 2025" in (folder / "kvittering.txt").read_text("utf-8")


def test_the_same_content_through_another_door_gives_the_same_facts(settings: Settings) -> None:
    as_workbook, as_zip = one(settings, workbook("0147")), one(settings, bundle("0147"))
    assert (as_workbook.status, as_zip.status) == ("accepted", "accepted")

    def facts(receipt: Receipt) -> list[tuple[object, ...]]:
        rows = read_cells(settings.layout, [receipt.submission])
        kept = ("block", "row_key", "field", "sheet", "cell", "value_text", "value_number")
        return sorted((tuple(row[name] for name in kept) for row in rows), key=repr)

    assert facts(as_workbook) == facts(as_zip)


def test_names_and_addresses_are_in_no_fact_receipt_or_finding(settings: Settings) -> None:
    receipt = one(settings, workbook("0147"))
    receipt_2 = one(settings, workbook("0151", answers={("Kommune", "C9"): "bo.kommune.example"}))
    assert (receipt.status, receipt_2.status) == ("accepted", "rejected")
    places = [settings.layout.accepted, settings.layout.quarantine, settings.layout.outcomes]
    texts = [
        path
        for folder in (*places, settings.layout.replies)
        for path in folder.rglob("*")
        if path.suffix in (".json", ".jsonl", ".txt", ".parquet")
    ]
    assert texts
    for path in texts:
        content = path.read_bytes()
        assert b"kommune.example" not in content, path
        assert b"Ane Hansen" not in content, path


def test_a_resubmission_supersedes_and_says_so(settings: Settings) -> None:
    first = one(settings, workbook("0147"))
    second = one(
        settings, workbook("0147", answers={("Nøgletal", "E6"): 12, ("Nøgletal", "E11"): 18})
    )
    assert (second.status, second.supersedes_id) == ("accepted", first.submission.submission_id)
    assert in_force(settings) == {second.submission.submission_id}


def test_a_corrected_figure_that_jumps_is_taken_and_told(settings: Settings) -> None:
    one(settings, bundle("0147"))
    receipt = one(settings, bundle("0147", dwellings_total=1147000 / 4))
    assert receipt.status == "accepted"
    assert codes(receipt) == ["change-against-version"]


def test_a_refused_resubmission_leaves_the_old_one_in_force(settings: Settings) -> None:
    first = one(settings, workbook("0147"))
    second = one(settings, workbook("0147", answers={("Nøgletal", "E6"): "1.234"}))
    assert (second.status, codes(second)) == ("rejected", ["number-ambiguous"])
    assert (second.findings[0].sheet, second.findings[0].cell) == ("Nøgletal", "E6")
    assert in_force(settings) == {first.submission.submission_id}


def test_an_identical_file_is_recognised_and_nothing_is_written(settings: Settings) -> None:
    arrival = workbook("0147")
    first = one(settings, arrival)
    decisions = (settings.layout.outcomes / "submissions.jsonl").read_bytes()
    again = one(settings, Arrival("kopi af 0147.xlsx", arrival.content))
    assert again.is_known
    assert again.submission == first.submission
    assert (settings.layout.outcomes / "submissions.jsonl").read_bytes() == decisions


def test_an_old_version_does_not_come_back_unseen(settings: Settings) -> None:
    old = workbook("0147")
    one(settings, old)
    new = one(settings, workbook("0147", answers={("Nøgletal", "E6"): 9, ("Nøgletal", "E11"): 21}))
    again = one(settings, old)
    assert (again.status, codes(again)) == ("rejected", ["file-superseded-already"])
    assert in_force(settings) == {new.submission.submission_id}


def test_a_withdrawn_file_is_refused_and_the_one_before_counts_again(settings: Settings) -> None:
    first = one(settings, workbook("0147"))
    newer = workbook("0147", answers={("Nøgletal", "E6"): 9, ("Nøgletal", "E11"): 21})
    second = one(settings, newer)
    store.withdraw(settings.layout, second.submission.submission_id, LATER, "tastefejl")
    assert in_force(settings) == {first.submission.submission_id}
    again = one(settings, newer)
    assert (again.status, codes(again)) == ("rejected", ["file-withdrawn-already"])


def test_a_refused_file_gets_a_copy_with_its_faults_marked(settings: Settings) -> None:
    receipt = one(settings, workbook("0147", answers={("Nøgletal", "E6"): "en halv snes"}))
    folder = settings.layout.replies / receipt.submission.submission_id
    book = openpyxl.load_workbook(folder / "kommenteret.xlsx")
    assert book.sheetnames[0] == "Kontrol"
    comment = book["Nøgletal"]["E6"].comment
    assert comment is not None
    assert "hverken et tal eller en af nøglerne" in comment.text


def test_a_corrected_annotated_copy_is_accepted(settings: Settings, tmp_path: Path) -> None:
    receipt = one(settings, workbook("0147", answers={("Nøgletal", "E6"): "en halv snes"}))
    folder = settings.layout.replies / receipt.submission.submission_id
    book = openpyxl.load_workbook(folder / "kommenteret.xlsx")
    book["Nøgletal"]["E6"] = 10
    book.save(tmp_path / "rettet.xlsx")
    corrected = one(settings, Arrival("rettet.xlsx", (tmp_path / "rettet.xlsx").read_bytes()))
    assert (corrected.status, codes(corrected)) == ("accepted", [])


def test_two_municipalities_with_the_same_figures_in_one_batch_are_both_refused(
    settings: Settings,
) -> None:
    mine = grid("0147", dwellings_renovated=137, vans_total=2345, vans_electric=311)
    figures = mine.sheet("Nøgletal")
    assert figures
    theirs = [
        SheetCells(s.name, figures.cells) if s.name == "Nøgletal" else s
        for s in grid("0151").sheets
    ]
    copied = Arrival("0151.zip", write_bundle(FileCells(tuple(theirs))))
    arrivals = [Arrival("0147.zip", write_bundle(mine)), copied, bundle("0153")]
    told = {r.file_name: (r.status, codes(r)) for r in hand_in(settings, arrivals)}
    assert told == {
        "0147.zip": ("rejected", ["numbers-handed-in-twice"]),
        "0151.zip": ("rejected", ["numbers-handed-in-twice"]),
        "0153.zip": ("accepted", []),
    }


def test_figures_that_another_municipality_reported_before_are_refused(settings: Settings) -> None:
    more = {"dwellings_renovated": 137, "vans_total": 2345, "vans_electric": 311}
    assert one(settings, bundle("0147", **more)).status == "accepted"
    theirs = {s.name: s for s in grid("0151").sheets} | {
        "Nøgletal": next(s for s in grid("0147", **more).sheets if s.name == "Nøgletal")
    }
    copied = Arrival("0151.zip", write_bundle(FileCells(tuple(theirs.values()))))
    receipt = one(settings, copied)
    assert (receipt.status, codes(receipt)) == ("rejected", ["numbers-of-another-municipality"])


def test_two_years_in_one_batch_are_decided_in_the_order_of_the_years(settings: Settings) -> None:
    same = {"dwellings_renovated": 137, "vans_total": 2345, "vans_electric": 311}
    receipts = hand_in(settings, [bundle("0147", 2025, **same), bundle("0147", 2024, **same)])
    assert [(r.submission.year, r.status) for r in receipts] == [
        (2024, "accepted"),
        (2025, "rejected"),
    ]
    assert codes(receipts[1]) == ["copy-of-last-year"]


def test_hostile_files_are_quarantined_with_their_codes_and_stop_nobody(
    settings: Settings,
) -> None:
    # A file that ends in .csv is an export of CDP here, and refused as that.
    hostile = {f"{n} {h.file_name}": h for n, h in enumerate(HOSTILE) if ".csv" not in h.file_name}
    bad = [Arrival(name, entry.build()) for name, entry in hostile.items()]
    bad = list({arrival.sha256: arrival for arrival in bad}.values())
    receipts = hand_in(settings, [bundle("0147"), *bad, bundle("0151")])
    by_file = {receipt.file_name: receipt for receipt in receipts}
    assert by_file["0147.zip"].status == by_file["0151.zip"].status == "accepted"
    for arrival in bad:
        refused = by_file[arrival.file_name]
        assert (refused.status, codes(refused)) == (
            "rejected",
            [hostile[arrival.file_name].code],
        ), hostile[arrival.file_name].name
        path = settings.layout.quarantine / SOURCE_ID / f"{refused.submission.submission_id}.json"
        (entry,) = json.loads(path.read_text(encoding="utf-8"))
        assert entry["text_da"]


def test_a_csv_file_that_is_no_export_is_quarantined(settings: Settings) -> None:
    receipt = one(settings, Arrival("a.csv", b"a;b"))
    assert receipt.status == "rejected"
    assert codes(receipt)


def test_checking_keeps_nothing(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "0147.xlsx"
    path.write_bytes(workbook("0147", answers={("Nøgletal", "E6"): "-"}).content)
    before = sorted(settings.layout.home.rglob("*"))
    found = check_file(settings, path)
    assert found["status"] == "not acceptable"
    (entry,) = found["findings"]
    assert (entry["code"], entry["sheet"], entry["cell"]) == (
        "dash-is-not-a-value",
        "Nøgletal",
        "E6",
    )
    assert sorted(settings.layout.home.rglob("*")) == before


def test_a_cell_that_is_read_by_the_reader_alone_is_a_cell(settings: Settings) -> None:
    cells = grid("0147")
    sheets = [
        SheetCells(s.name, {**s.cells, (6, 5): Cell("text", "10,0")}) if s.name == "Nøgletal" else s
        for s in cells.sheets
    ]
    receipt = one(settings, Arrival("0147.zip", write_bundle(FileCells(tuple(sheets)))))
    assert receipt.status == "accepted"


def test_macros_and_links_are_told_and_the_report_is_taken(settings: Settings) -> None:
    out = io.BytesIO(workbook("0147").content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"never run")
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    receipt = one(settings, Arrival("0147.xlsm", out.getvalue()))
    assert receipt.status == "accepted"
    assert set(codes(receipt)) == {"macros-present", "external-links-present"}


def test_registers_are_not_taken_from_the_inbox(settings: Settings) -> None:
    content = make_template(settings, None, 2026)
    left = Arrival("registre.xlsx", content, is_from_inbox=True)
    receipt = one(settings, left)
    assert (receipt.status, codes(receipt)) == ("rejected", ["registers-through-inbox"])
    assert one(settings, Arrival("registre.xlsx", content)).status == "accepted"


def test_a_fault_of_ours_with_one_file_refuses_that_file_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_submission = judging.read_submission

    def breaks_for_one(opened: FileCells, *more: object) -> object:
        if "0151" in str(opened.sheet("Kommune")):
            raise ValueError("nobody thought of this")
        return read_submission(opened, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "read_submission", breaks_for_one)
    receipts = hand_in(settings, [bundle("0147"), bundle("0151"), bundle("0153")])
    assert {(r.file_name, r.status) for r in receipts} == {
        ("0147.zip", "accepted"),
        ("0151.zip", "rejected"),
        ("0153.zip", "accepted"),
    }
    assert [codes(r) for r in receipts if r.status == "rejected"] == [["unexpected-fault"]]


def test_a_check_that_breaks_for_one_report_stops_no_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_submissions = submission_gate.judge_submissions

    def breaks_for_one(readings: list[Reading], *more: object, **also: object) -> object:
        if any(r.identity and r.identity.municipality_code == "0151" for r in readings):
            raise GateBrokenError("cvr-invalid: a letter")
        return judge_submissions(readings, *more, **also)  # type: ignore[arg-type]

    monkeypatch.setattr(submission_gate, "judge_submissions", breaks_for_one)
    receipts = hand_in(settings, [bundle("0147"), bundle("0151"), bundle("0153")])
    assert [(r.file_name, r.status) for r in receipts] == [
        ("0147.zip", "accepted"),
        ("0153.zip", "accepted"),
    ]
    statuses = sorted(s.status for s in store.standings(settings.layout))
    assert statuses == ["accepted", "accepted", "received"]


@pytest.mark.parametrize(
    "name", ["x.json", "rapport." + "x" * 200, "indberetning", "../../0147.xlsx/..", "a\nb.zip"]
)
def test_a_strange_file_name_does_no_harm(settings: Settings, name: str) -> None:
    good = bundle("0147")
    receipt = one(settings, Arrival(name, good.content))
    _landed, content = read_landed(settings.layout, SOURCE_ID, good.sha256)
    assert content == good.content
    assert receipt.status == ("accepted" if name.endswith(".zip") else "rejected")


def test_checking_says_what_handing_in_would_say(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "0147.xlsx"
    path.write_bytes(workbook("0147").content)
    one(settings, Arrival(path.name, path.read_bytes()))
    assert check_file(settings, path)["status"] == "acceptable"
    one(settings, workbook("0147", answers={("Nøgletal", "E6"): 9, ("Nøgletal", "E11"): 21}))
    found = check_file(settings, path)
    assert found["status"] == "not acceptable"
    assert [entry["code"] for entry in found["findings"]] == ["file-superseded-already"]


def test_today_is_the_day_it_is_in_denmark(tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path / "data",
        KLIMAMONITOR_TRANSPORT="live",
        KLIMAMONITOR_AS_OF="2026-03-09T00:30:00+01:00",
    )
    settings.layout.prepare()
    assert one(settings, workbook("0147")).status == "accepted"


def test_what_holds_names_is_for_the_owner_alone(settings: Settings) -> None:
    one(settings, workbook("0147"))
    for folder in (
        settings.layout.private,
        settings.layout.replies,
        settings.layout.landing / SOURCE_ID,
    ):
        assert folder.stat().st_mode & 0o077 == 0, folder


def test_names_of_a_refused_report_are_not_kept(settings: Settings) -> None:
    one(settings, workbook("0147", answers={("Nøgletal", "E6"): "-"}))
    assert not list(settings.layout.private.rglob("*.json"))
