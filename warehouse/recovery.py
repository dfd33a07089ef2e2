"""Removes the litter of dead runs. Called by a run that holds the run lock, so none is alive."""

import shutil
from pathlib import Path

from warehouse.durable import TEMPORARY
from warehouse.layout import Layout


def recover(layout: Layout) -> list[Path]:
    """Remove unfinished files, builds and version folders; return what was removed."""
    litter = [*layout.builds.iterdir(), *layout.home.glob(f"{TEMPORARY}*")]
    for folder in (layout.landing, layout.accepted, layout.quarantine, layout.publications):
        litter += folder.rglob(f"{TEMPORARY}*")
    for path in litter:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return litter
