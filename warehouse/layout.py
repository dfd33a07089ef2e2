"""Where everything lies under one state root; a root may be moved or copied and goes on working.

Only relative paths and release ids are ever written into files, never the root itself.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from warehouse.durable import write_json

# Raised when a release can no longer read what an earlier one wrote.
FORMAT = 1
# What a publication was made of, by digest, in its folder of inputs.
INPUTS_LIST = "inputs.json"


class StateRootError(RuntimeError):
    """The state root is not one that this release knows; the message says what to do."""


@dataclass(frozen=True)
class Layout:
    """All paths of one state root."""

    home: Path

    @property
    def landing(self) -> Path:
        """Bytes as they came, by content."""
        return self.home / "landing"

    @property
    def accepted(self) -> Path:
        """Typed Parquet of every accepted release."""
        return self.home / "accepted"

    @property
    def quarantine(self) -> Path:
        """What was refused, with the reason."""
        return self.home / "quarantine"

    @property
    def shapes(self) -> Path:
        """What the answers of each source looked like."""
        return self.home / "shapes"

    @property
    def outcomes(self) -> Path:
        """One row per unit of work, append-only."""
        return self.home / "outcomes"

    @property
    def builds(self) -> Path:
        """Drafts of running or dead runs."""
        return self.home / "builds"

    @property
    def publications(self) -> Path:
        """Every publication, by version."""
        return self.home / "publications"

    @property
    def inputs(self) -> Path:
        """What every publication was made of, by version."""
        return self.home / "inputs"

    @property
    def projects(self) -> Path:
        """The dbt project of every publication, by digest."""
        return self.home / "projects"

    @property
    def current(self) -> Path:
        """The pointer that readers follow."""
        return self.home / "current"

    @property
    def history(self) -> Path:
        """Published values by vintage, moves of the pointer, pins and deletions; append-only."""
        return self.home / "history"

    @property
    def inbox(self) -> Path:
        """Where files from outside are left."""
        return self.home / "inbox"

    @property
    def replies(self) -> Path:
        """What those who handed something in are answered: receipts and commented workbooks."""
        return self.home / "replies"

    @property
    def private(self) -> Path:
        """Names and mail addresses; never published, readable by the owner alone."""
        return self.home / "private"

    @property
    def dagster(self) -> Path:
        """The orchestrator's own storage."""
        return self.home / "dagster"

    @property
    def run_lock(self) -> Path:
        """Held by the one run that may write."""
        return self.home / "run.lock"

    @property
    def format_file(self) -> Path:
        """Which form of state root this is."""
        return self.home / "format.json"

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            StateRootError: the root is of a later release than this program.
        """
        self._require_known_format()
        for folder in (
            self.landing,
            self.accepted,
            self.quarantine,
            self.outcomes,
            self.builds,
            self.publications,
            self.inputs,
            self.projects,
            self.history,
            self.inbox,
            self.dagster,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        if not self.format_file.exists():
            write_json(self.format_file, {"format": FORMAT})

    def _require_known_format(self) -> None:
        """A root without the file is of a release before there was one, and of the first form."""
        if not self.format_file.exists():
            return
        try:
            found = int(json.loads(self.format_file.read_bytes())["format"])
        except (ValueError, KeyError, TypeError) as error:
            told = f"{self.format_file} cannot be read ({error}). Restore it from a backup."
            raise StateRootError(told) from error
        if found > FORMAT:
            raise StateRootError(
                f"{self.home} is a state root of form {found}, and this release knows form "
                f"{FORMAT}. Use the release that made it, or a backup from before the upgrade."
            )
