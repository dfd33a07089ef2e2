"""A copy of the project that a test may change, run by its own command as an operator would."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT
from warehouse.causes import SEEDS, Register, read_register

PACKAGES = ("ingestion", "warehouse", "expectations", "orchestration", "dbt_project")
LEFT_OUT = shutil.ignore_patterns("target", "logs", "__pycache__")


@dataclass(frozen=True)
class Copy:
    """The project below a folder, and a state root beside it."""

    folder: Path

    @property
    def home(self) -> Path:
        """The state root."""
        return self.folder / "data"

    def command(self, *arguments: str, as_of: str) -> subprocess.CompletedProcess[str]:
        """The command of this copy."""
        variables = {
            "KLIMAMONITOR_HOME": str(self.home),
            "KLIMAMONITOR_AS_OF": as_of,
            "PYTHONPATH": str(self.folder),
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("KLIMAMONITOR_")}
        command = [sys.executable, "-m", "orchestration.cli", *arguments]
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def answer(self, *arguments: str, as_of: str) -> Any:
        """What a command answers as JSON."""
        done = self.command(*arguments, "--json", as_of=as_of)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(done.stdout)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands in a file once."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def register(self, name: str, change: Callable[[dict[str, str]], None]) -> None:
        """Change the rows of a register."""
        register = read_register(self._register(name))
        rows = [dict(zip(register.columns, row, strict=True)) for row in register.rows]
        for row in rows:
            change(row)
        changed = tuple(tuple(row.values()) for row in rows)
        Register(register.columns, changed).write(self._register(name))

    def enter(self, name: str, **row: str) -> None:
        """Add a row to a register."""
        register = read_register(self._register(name))
        added = tuple(row.get(column, "") for column in register.columns)
        Register(register.columns, (*register.rows, added)).write(self._register(name))

    def _register(self, name: str) -> Path:
        return self.folder / "dbt_project" / SEEDS / f"{name}.csv"

    def restate(self, file: str, old: str, new: str) -> None:
        """Change a figure of the embedded snapshot, as a provider would."""
        name = f"ingestion/snapshot/data/{file}"
        self.edit(name, old, new)
        content = (self.folder / name).read_bytes()
        listing = self.folder / "ingestion/snapshot/manifest.json"
        manifest = json.loads(listing.read_text(encoding="utf-8"))
        entry = next(e for e in manifest["files"] if e["path"] == f"data/{file}")
        entry.update(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
        listing.write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")


def copied(folder: Path) -> Copy:
    """Copy the project."""
    folder.mkdir(parents=True)
    for name in PACKAGES:
        shutil.copytree(PROJECT / name, folder / name, ignore=LEFT_OUT)
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copyfile(PROJECT / name, folder / name)
    return Copy(folder)
