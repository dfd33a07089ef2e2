"""Dagster's web server and daemon on the state root: ``python -m orchestration.serve``."""

import os
import sys
from pathlib import Path

from orchestration.job import prepare_dagster_home
from orchestration.settings import load_settings
from orchestration.transform import ensure_parsed


def main() -> None:
    """Prepare Dagster's home and the parsed project, then become ``dagster dev``."""
    settings = load_settings()
    settings.layout.prepare()
    os.environ["DAGSTER_HOME"] = prepare_dagster_home(settings)
    ensure_parsed()
    dagster = str(Path(sys.executable).parent / "dagster")
    os.execv(dagster, [dagster, "dev", "-m", "orchestration.definitions", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
