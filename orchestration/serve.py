"""Dagster on the state root: ``python -m orchestration.serve [dev|webserver|daemon]``.

``dev`` is both in one, for a person at one machine; the other two are for services.
"""

import os
import sys
from pathlib import Path

from orchestration.job import prepare_dagster_home
from orchestration.settings import load_settings
from orchestration.transform import ensure_parsed

PROGRAMS = {
    "dev": ("dagster", "dev"),
    "webserver": ("dagster-webserver",),
    "daemon": ("dagster-daemon", "run"),
}


def main() -> None:
    """Prepare Dagster's home and the parsed project, then become the program that is asked for."""
    what, more = (sys.argv[1:2] or ["dev"])[0], sys.argv[2:]
    if what not in PROGRAMS:
        what, more = "dev", sys.argv[1:]
    settings = load_settings()
    settings.layout.prepare()
    prepare_dagster_home(settings)
    ensure_parsed()
    name, *arguments = PROGRAMS[what]
    program = str(Path(sys.executable).parent / name)
    os.execv(program, [program, *arguments, "-m", "orchestration.definitions", *more])  # noqa: S606


if __name__ == "__main__":
    main()
