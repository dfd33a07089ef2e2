"""The commands for those who report: exit status, what is printed, and nothing written unasked."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from tests.ingestion.submissions.test_cdp import export
from tests.orchestration.conftest import AS_OF
from tests.orchestration.handing import bundle, workbook


@pytest.fixture
def klimamonitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("KLIMAMONITOR_AS_OF", AS_OF)
    monkeypatch.setenv("KLIMAMONITOR_TRANSPORT", "live")

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return call


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "0147.xlsx"
    path.write_bytes(workbook("0147").content)
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "fejl.xlsx"
    answers = {("Nøgletal", "E6"): "1.234", ("Nøgletal", "E5"): "ca. 40"}
    path.write_bytes(workbook("0147", answers=answers).content)
    return path


@pytest.mark.parametrize("ending", ["xlsx", "zip"])
def test_a_template_is_written_and_checked_by_the_same_program(
    klimamonitor: Any, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"skema.{ending}"
    made = klimamonitor("template", "--municipality", "147", "--year", "2025", "--out", out)
    assert made.exit_code == 0, made.output
    checked = klimamonitor("check", out, "--json")
    assert checked.exit_code == 2
    found = json.loads(checked.stdout)
    assert (found["municipality_code"], found["year"]) == ("0147", 2025)
    assert {entry["code"] for entry in found["findings"]} == {"not-signed"}


def test_a_template_is_never_written_over_answers(klimamonitor: Any, good: Path) -> None:
    before = good.read_bytes()
    asked = ("template", "--municipality", "0147", "--year", "2025", "--out", good)
    refused = klimamonitor(*asked)
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert good.read_bytes() == before
    assert klimamonitor(*asked, "--force").exit_code == 0
    assert good.read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--municipality", "0999", "--year", "2025"), "no municipality 0999"),
        (("--municipality", "0147", "--year", "2019"), "2021 to 2026, not 2019"),
        (("--municipality", "0147"), "--year"),
        ((), "--municipality"),
        (("--municipality", "0147", "--registers", "--year", "2025"), "--registers"),
    ],
)
def test_an_impossible_template_says_what_is_possible(
    klimamonitor: Any, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    out = tmp_path / "skema.xlsx"
    refused = klimamonitor("template", *arguments, "--out", out)
    assert refused.exit_code != 0
    assert told in refused.output
    assert not out.exists()


def test_checking_a_good_report_says_how_each_cell_was_read(klimamonitor: Any, good: Path) -> None:
    checked = klimamonitor("check", good, "--json")
    assert checked.exit_code == 0, checked.output
    found = json.loads(checked.stdout)
    read = {(e["sheet"], e["cell"]): e["value"] for e in found["understood"]}
    assert read["Nøgletal", "E6"] == 10
    assert "Ane Hansen" not in checked.stdout


def test_a_faulty_report_is_told_cell_by_cell_in_danish(klimamonitor: Any, faulty: Path) -> None:
    checked = klimamonitor("check", faulty)
    assert checked.exit_code == 2
    assert "KAN IKKE INDSENDES ENDNU: Frederiksberg, 2025" in checked.output
    assert checked.output.index("Nøgletal E5") < checked.output.index("Nøgletal E6")
    assert "2 fejl skal rettes." in checked.output


def test_submitting_answers_with_a_receipt_and_the_way_to_the_reply(
    klimamonitor: Any, good: Path, faulty: Path, tmp_path: Path
) -> None:
    accepted = klimamonitor("submit", good, "--json")
    assert accepted.exit_code == 0, accepted.output
    receipt = json.loads(accepted.stdout)
    assert receipt["status"] == "accepted"
    for name in receipt["reply"]:
        assert (tmp_path / "data" / name).is_file()
    refused = klimamonitor("submit", faulty)
    assert refused.exit_code == 2
    assert f"Den godkendte udgave {receipt['submission_id']} gælder fortsat." in refused.output


def test_nothing_is_said_to_be_in_force_when_nothing_is(klimamonitor: Any, faulty: Path) -> None:
    refused = klimamonitor("submit", faulty)
    assert refused.exit_code == 2
    assert "Intet er taget ind." in refused.output
    assert "gælder fortsat" not in refused.output


def test_several_files_are_answered_one_by_one(klimamonitor: Any, tmp_path: Path) -> None:
    paths = []
    for code in ("0147", "0151"):
        paths.append(tmp_path / f"{code}.zip")
        paths[-1].write_bytes(bundle(code).content)
    done = klimamonitor("submit", *paths)
    assert done.exit_code == 0, done.output
    assert "GODKENDT: Frederiksberg, 2025" in done.output
    assert "GODKENDT: Ballerup, 2025" in done.output
    listed = klimamonitor("submissions")
    assert listed.output.count("accepted") == 2


def test_withdrawing_wants_a_reason_and_publishes_no_address(klimamonitor: Any, good: Path) -> None:
    receipt = json.loads(klimamonitor("submit", good, "--json").stdout)
    number = receipt["submission_id"]
    assert klimamonitor("withdraw", number, "--reason", " ").exit_code != 0
    done = klimamonitor("withdraw", number, "--reason", "Aftalt med søren@ærø.dk")
    assert done.exit_code == 0, done.output
    (row,) = json.loads(klimamonitor("submissions", "--json").stdout)
    assert (row["status"], row["withdrawn_reason"]) == ("withdrawn", "Aftalt med …")
    unknown = klimamonitor("withdraw", "none", "--reason", "x")
    assert unknown.exit_code == 1
    assert "no submission none" in unknown.output


def test_a_refused_row_of_an_export_is_answered_by_the_municipalitys_name(
    klimamonitor: Any, tmp_path: Path
) -> None:
    path = tmp_path / "cdp.csv"
    path.write_bytes(export({"Accounting Year": ""}))
    for command in ("check", "submit"):
        told = klimamonitor(command, path).output
        assert "Hvidovre, ukendt år" in told
        assert "Ukendt kommune" not in told
    (row,) = json.loads(klimamonitor("submissions", "--json").output)
    assert (row["municipality_code"], row["year"], row["status"]) == ("0167", None, "rejected")


def test_status_tells_what_lies_in_the_inbox(klimamonitor: Any, tmp_path: Path) -> None:
    inbox = tmp_path / "data" / "inbox"
    inbox.mkdir(parents=True)
    for name in ("rapport.xlsx", "rapport.xlsx.part", "~$\x1b[2Jrapport.xlsx"):
        (inbox / name).write_bytes(b"x")
    told = klimamonitor("status").output
    assert "1 in the inbox will be taken in by the next run." in told
    assert "Left in the inbox: 'rapport.xlsx.part' (an unfinished or hidden file" in told
    assert "\x1b" not in told, "a name cannot rule the terminal"
    found = json.loads(klimamonitor("status", "--json").output)["submissions"]
    assert [entry["name"] for entry in found["left_alone_in_inbox"]] == [
        "rapport.xlsx.part",
        "~$\x1b[2Jrapport.xlsx",
    ]
