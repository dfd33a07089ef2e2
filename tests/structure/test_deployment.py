"""What services and containers are given: it fits the program, and systemd finds no fault in it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.serve import PROGRAMS
from orchestration.settings import SECRETS, VARIABLES
from tests.structure.test_structure import ROOT

SYSTEMD, CONTAINER = ROOT / "deployment/systemd", ROOT / "deployment/container"
UNITS = sorted(path.name for path in SYSTEMD.glob("klimamonitor-*"))
KNOWN = VARIABLES | {f"{name}_FILE" for name in SECRETS}
INSTALLED = "/opt/klimamonitor"


def settings_of(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (SYSTEMD / unit).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


def test_there_are_units_for_both_ways_of_running() -> None:
    names = {unit.removeprefix("klimamonitor-") for unit in UNITS}
    services = {f"{name}.service" for name in ("refresh", "watch", "webserver", "daemon")}
    assert names == services | {"refresh.timer", "watch.timer"}


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = (SYSTEMD / unit).read_text(encoding="utf-8")
        here = re.sub(rf"ExecStart={INSTALLED}/\S+", f"ExecStart={sys.executable}", text)
        (tmp_path / unit).write_text(here, encoding="utf-8")
    asked = ["systemd-analyze", "verify", *(str(tmp_path / unit) for unit in UNITS)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if "klimamonitor-" in line]
    assert (done.returncode, told) == (0, []), done.stderr


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_a_service_starts_what_there_is_and_may_write_its_state(unit: str) -> None:
    told = settings_of(unit)
    (command,) = told["ExecStart"]
    words = command.removeprefix(f"{INSTALLED}/.venv/bin/").split()
    if words[0] == "python":
        assert words[1:3] == ["-m", "orchestration.serve"]
        assert words[3] in PROGRAMS
    else:
        from orchestration.cli import main

        assert words[0] == "klimamonitor"
        assert words[1] in main.commands
    assert told["EnvironmentFile"] == ["/etc/klimamonitor.env"]
    assert told["StateDirectory"] == ["klimamonitor"]
    (documentation,) = told["Documentation"]
    assert (ROOT / documentation.removeprefix(f"file:{INSTALLED}/")).is_file()


def test_a_timer_belongs_to_its_service_and_the_night_is_the_schedules() -> None:
    from orchestration.definitions import nightly

    for unit in UNITS:
        if unit.endswith(".timer"):
            assert unit.replace(".timer", ".service") in UNITS
    minute, hour = nightly.cron_schedule.split()[:2]  # type: ignore[union-attr]
    at = f"*-*-* {int(hour):02}:{int(minute):02}:00 {nightly.execution_timezone}"
    assert settings_of("klimamonitor-refresh.timer")["OnCalendar"] == [at]


def test_the_example_of_an_environment_has_only_settings() -> None:
    text = (SYSTEMD / "klimamonitor.env").read_text(encoding="utf-8")
    assert set(re.findall(r"KLIMAMONITOR_[A-Z_]+(?==)", text)) <= KNOWN


@pytest.fixture
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yml").read_text(encoding="utf-8"))
    return read


def test_every_name_in_the_compose_file_leads_somewhere(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "webserver", "daemon", "watch"}
    for service in services.values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (CONTAINER / source).exists(), volume
        for name, value in service["environment"].items():
            secret = str(value).removeprefix("/run/secrets/")
            assert secret == str(value) or secret in service["secrets"], name
        if build := service.get("build"):
            assert (CONTAINER / build["context"]).resolve() == ROOT
            assert (ROOT / build["dockerfile"]).is_file()


def test_the_containers_are_given_only_settings_and_start_what_there_is(
    compose: dict[str, Any],
) -> None:
    own = {name: told for name, told in compose["services"].items() if name != "postgres"}
    for name, service in own.items():
        assert set(service["environment"]) <= KNOWN
        if name != "watch":
            assert service["command"][0] in PROGRAMS
    (port,) = own["webserver"]["ports"]
    assert port.startswith("127.0.0.1:"), "Dagster's page asks for no password"


def test_no_secret_lies_beside_the_compose_file() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8")
    assert "/deployment/container/secrets/" in ignored
    assert "deployment/container/secrets" in (ROOT / ".dockerignore").read_text(encoding="utf-8")


def test_the_image_is_set_up_as_the_project_says() -> None:
    text = (CONTAINER / "Containerfile").read_text(encoding="utf-8")
    assert "scripts/tasks.sh setup" in text
    assert "\nUSER klimamonitor\n" in text
    (base,) = re.findall(r"python:(3\.\d+)", text)
    assert base == "3.11"
