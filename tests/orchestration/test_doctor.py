"""Is the machine ready: every fault that a night would meet is named, with what to do."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer

from orchestration import doctor
from orchestration.cli import main
from orchestration.doctor import Check, look_at_all
from orchestration.settings import Settings, unknown_variables
from tests.orchestration.conftest import LATER, settings_for
from tests.warehouse.publishing import laid_out, publish
from warehouse.publications import DATABASE


def seen(settings: Settings, *, is_online: bool = False) -> dict[str, Check]:
    return {check.name: check for check in look_at_all(settings, is_online=is_online)}


def test_a_machine_that_is_ready_has_no_fault(tmp_path: Path) -> None:
    publish(laid_out(tmp_path))
    found = seen(settings_for(tmp_path, KLIMAMONITOR_AS_OF=LATER), is_online=True)
    assert {check.verdict for check in found.values()} == {"ok"}, found
    assert found["provider statbank"].found.startswith("the embedded snapshot answered")
    assert {"packages", "settings", "state root", "disk", "memory", "project"} <= set(found)
    assert list(tmp_path.glob(".doctor*")) == []


def test_a_state_root_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    found = seen(settings_for(tmp_path / "file" / "data"))
    assert found["state root"].verdict == "fault"
    assert "cannot be written" in found["state root"].found


@pytest.mark.parametrize(
    ("text", "told"),
    [('{"format": 99}', "Use the release that made it"), ("{", "Restore it from a backup")],
)
def test_a_state_root_of_a_later_release_is_refused_by_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    layout = laid_out(tmp_path)
    publish(layout)
    layout.format_file.write_text(text, encoding="utf-8")
    found = seen(settings_for(tmp_path))["state root"]
    assert (found.verdict, told in found.found) == ("fault", True)
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path))
    answer = CliRunner().invoke(main, ["refresh"])
    assert answer.exit_code == 1
    assert told in answer.output
    assert layout.format_file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("free", "verdict"), [(100_000_000, "fault"), (1_000_000_000, "warning"), (9_000_000_000, "ok")]
)
def test_little_space_and_little_memory_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=free))
    limit = tmp_path / "memory.max"
    limit.write_text(f"{free}\n", encoding="utf-8")
    monkeypatch.setattr(doctor, "CGROUP_LIMITS", (str(limit),))
    found = seen(settings_for(tmp_path))
    assert found["disk"].verdict == verdict
    assert found["memory"].verdict == verdict


def test_private_files_that_others_may_read_are_a_fault(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    settings.layout.private.mkdir(mode=0o755)
    assert seen(settings)["privacy"].to_do == f"chmod 700 {settings.layout.private}"
    settings.layout.private.chmod(0o700)
    assert "privacy" not in seen(settings)


def test_a_damaged_publication_is_a_fault(tmp_path: Path) -> None:
    layout = laid_out(tmp_path)
    folder = publish(layout)
    (folder / DATABASE).chmod(0o644)
    (folder / DATABASE).write_bytes(b"other")
    check = seen(settings_for(tmp_path))["publication"]
    assert (check.verdict, check.found) == ("fault", f"{DATABASE} was changed")


def test_a_clock_behind_the_last_publication_is_told(tmp_path: Path) -> None:
    publish(laid_out(tmp_path))
    early = settings_for(tmp_path, KLIMAMONITOR_AS_OF="2026-11-01T02:30:00+01:00")
    assert seen(early)["clock"].verdict == "warning"


def test_what_a_live_night_lacks_is_named(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, KLIMAMONITOR_TRANSPORT="live")
    told = [c.found for c in look_at_all(settings, is_online=False) if c.name == "secrets"]
    assert told == [
        "KLIMAMONITOR_KLIMAREGNSKABET_KEY is not set",
        "KLIMAMONITOR_ALERT_WEBHOOK or KLIMAMONITOR_ALERT_MAIL_TO is not set",
    ]
    keyed = replace(settings, klimaregnskabet_key="x", alert_webhook="https://example.org")
    assert seen(keyed)["secrets"].verdict == "ok"


def test_a_package_that_the_lock_does_not_say_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_pins", lambda: [("requests", "0.1"), ("no-such-thing", "1")])
    check = seen(settings_for(tmp_path))["packages"]
    assert check.verdict == "warning"
    assert "the lock says 0.1; no-such-thing is missing" in check.found


def test_the_lock_is_read() -> None:
    pins = dict(doctor._pins())
    assert {"dagster", "duckdb", "pandas", "great-expectations"} <= set(pins)
    assert all(wanted[0].isdigit() for wanted in pins.values())


def test_a_misspelt_variable_is_named() -> None:
    given = {"KLIMAMONITOR_HOEM": "x", "KLIMAMONITOR_HOME": "x", "KLIMAMONITOR_SMTP_URL_FILE": "x"}
    assert unknown_variables(given) == ["KLIMAMONITOR_HOEM"]


def test_others_that_do_not_answer_are_faults(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/tableinfo").respond_with_data("vedligehold", status=404)
    httpserver.expect_request("/hook").respond_with_data("nej", status=403)
    settings = settings_for(
        tmp_path,
        KLIMAMONITOR_TRANSPORT="live",
        KLIMAMONITOR_STATBANK_URL=httpserver.url_for("/v1"),
        KLIMAMONITOR_ENERGIDATASERVICE_URL=httpserver.url_for("/eds"),
        KLIMAMONITOR_POSTGRES_DSN="postgresql://a:secret@127.0.0.1:9/b",
        KLIMAMONITOR_ALERT_WEBHOOK=httpserver.url_for("/hook"),
    )
    found = seen(settings, is_online=True)
    assert "404: vedligehold" in found["provider statbank"].found
    assert found["provider klimaregnskabet"].verdict == "warning", "no key is a visible state"
    assert found["PostgreSQL"].verdict == "fault"
    assert "secret" not in found["PostgreSQL"].found
    assert found["alerts by webhook"].found == "the webhook answered 403: nej"


def test_the_command_ends_with_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIMAMONITOR_HOME", str(tmp_path / "data"))
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    assert answer.exit_code == 0, answer.output
    assert {"name", "verdict", "found", "to_do"} == set(json.loads(answer.output)[0])
    monkeypatch.setenv("KLIMAMONITOR_HOME", "/proc/data")
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 1
    assert "state root: /proc/data cannot be written" in answer.output
