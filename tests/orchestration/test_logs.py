"""Log lines as JSON: what they are about, faults whole, and nothing of it unless asked for."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestration.logs import JsonLines, about
from orchestration.settings import SettingsError, load_settings


def line(message: str, *figures: object, fault: Exception | None = None) -> dict[str, Any]:
    told = (type(fault), fault, fault.__traceback__) if fault else None
    record = logging.LogRecord("warehouse.x", logging.WARNING, "", 1, message, figures, told)  # type: ignore[arg-type]
    read: dict[str, Any] = json.loads(JsonLines().format(record))
    return read


def test_a_line_says_what_it_is_about_as_long_as_that_lasts() -> None:
    with about(run="r1"):
        with about(source="statbank_bil54", municipality=None):
            assert line("a %s", "b") | {"at": ""} == {
                "at": "",
                "level": "warning",
                "logger": "warehouse.x",
                "message": "a b",
                "run": "r1",
                "source": "statbank_bil54",
            }
        assert "source" not in line("later")
    assert "run" not in line("later still")


def test_a_fault_is_whole_on_one_line() -> None:
    try:
        raise ValueError("to\nlinjer")
    except ValueError as error:
        told = line("broke", fault=error)
    assert told["fault"].endswith("ValueError: to\nlinjer")


def asked(home: Path, **more: str) -> list[str]:
    """What a look at a silent provider writes to standard error."""
    program = (
        "from orchestration.cli_options import command_settings as s;"
        "from orchestration.intake import Intake; from ingestion.declaration import source_by_id;"
        "Intake(s(), 'run').prepare(source_by_id('klimaregnskabet_key_figures'))"
    )
    own = {name: value for name, value in os.environ.items() if "KLIMAMONITOR" not in name}
    own |= {"KLIMAMONITOR_HOME": str(home), "KLIMAMONITOR_TRANSPORT": "live", **more}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=own)
    return done.stderr.splitlines()


def test_the_lines_of_a_night_are_objects_only_when_asked_for(tmp_path: Path) -> None:
    (told,) = map(json.loads, asked(tmp_path, KLIMAMONITOR_LOG_FORMAT="json"))
    assert told["source"] == "klimaregnskabet_key_figures"
    assert told["message"].startswith("not_configured")
    assert asked(tmp_path) == []


def test_another_format_is_refused() -> None:
    with pytest.raises(SettingsError, match="text or json"):
        load_settings({"KLIMAMONITOR_LOG_FORMAT": "xml"})
