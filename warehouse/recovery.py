"""Puts right what dead runs left. Called by a run that holds the run lock, so none is alive."""

import shutil
from pathlib import Path

from warehouse import outcomes, publications
from warehouse.durable import TEMPORARY
from warehouse.layout import Layout
from warehouse.outcomes import RunRecord
from warehouse.submissions import nobody_deciding


def recover(layout: Layout) -> list[Path]:
    """Remove unfinished files, builds and version folders; return what was removed.

    While somebody hands in a submission, unfinished files where submissions are kept are no litter;
    they are left for the next run.
    """
    with nobody_deciding(layout) as is_quiet:
        return _remove_litter(layout, is_quiet=is_quiet)


def _remove_litter(layout: Layout, *, is_quiet: bool) -> list[Path]:
    litter = [*layout.builds.iterdir(), *layout.publications.rglob(f"{TEMPORARY}*")]
    litter += layout.history.rglob(f"{TEMPORARY}*")
    if is_quiet:
        litter += layout.home.glob(f"{TEMPORARY}*")
        for folder in (
            layout.landing,
            layout.accepted,
            layout.quarantine,
            layout.replies,
            layout.private,
        ):
            litter += folder.rglob(f"{TEMPORARY}*")
    for path in litter:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return litter


def finish_publishing(layout: Layout) -> str | None:
    """Point readers at a publication whose run died just before doing so, or at the newest one
    when the pointer is gone; return its version.

    Such a publication is whole and audited, but no row says that it was published: the row is
    written here, so that pointing back later is not undone.
    """
    runs = outcomes.runs(layout)
    known = {run["run_id"] for run in runs if run["result"] == "published"}
    orphans = [made for made in publications.versions(layout) if made["run_id"] not in known]
    for made in orphans:
        at, version = made["published_at"], made["version"]
        reason = "finished after its run had died"
        fingerprint, transport = made["input_fingerprint"], made["transport"]
        outcomes.record_run(
            layout,
            RunRecord(made["run_id"], at, at, "published", version, reason, transport, fingerprint),
        )
    newest = orphans[-1] if orphans else publications.newest_manifest(layout)
    if newest is None or (not orphans and layout.current.exists()):
        return None
    publications.point_current_at(layout, newest["version"])
    return str(newest["version"])
