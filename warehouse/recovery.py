"""Puts right what dead runs left. Called by a run that holds the run lock, so none is alive."""

import json
import shutil
from pathlib import Path
from typing import Any

from warehouse import outcomes, publications
from warehouse.damage import damage_of
from warehouse.durable import TEMPORARY
from warehouse.layout import INPUTS_LIST, Layout
from warehouse.outcomes import RunRecord
from warehouse.submissions import nobody_deciding


def recover(layout: Layout) -> list[Path]:
    """Remove unfinished files, builds and version folders, and dbt projects that no publication
    was made of; return what was removed.

    While somebody hands in a submission, unfinished files where submissions are kept are no litter;
    they are left for the next run.
    """
    with nobody_deciding(layout) as is_quiet:
        return _remove_litter(layout, is_quiet=is_quiet)


def _remove_litter(layout: Layout, *, is_quiet: bool) -> list[Path]:
    litter = [*layout.builds.iterdir(), *layout.publications.rglob(f"{TEMPORARY}*")]
    litter += [*layout.projects.glob(f"{TEMPORARY}*"), *_unnamed_projects(layout)]
    litter += [p for p in layout.inputs.iterdir() if not (layout.publications / p.name).exists()]
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


def _unnamed_projects(layout: Layout) -> list[Path]:
    """Kept projects that no publication was made of; none where a list of inputs is unreadable."""
    folders = [p for p in layout.inputs.iterdir() if (layout.publications / p.name).exists()]
    try:
        named = {json.loads((p / INPUTS_LIST).read_bytes())["project"] for p in folders}
    except (OSError, ValueError, KeyError):
        return []
    return [path for path in layout.projects.glob("*.zip") if path.stem not in named]


def put_pointer_right(layout: Layout, run_id: str, at: str) -> str | None:
    """Point readers at a whole publication: one whose run died just before doing so, or, when the
    pointer is gone or leads to damage, the newest whole one.

    Returns:
        What was wrong with the publication that readers saw; None when nothing was.
    """
    unfinished = _unfinished(layout)
    if unfinished:
        _finish_publishing(layout, unfinished)
        return None
    is_there = layout.current.is_symlink() or layout.current.exists()
    damage = damage_of(layout.current, every_byte=False) if is_there else ()
    return None if is_there and not damage else _leave(layout, damage, run_id, at)


def _unfinished(layout: Layout) -> list[dict[str, Any]]:
    """Manifests of publications whose run died before it could write its row, oldest first.

    Such a publication is whole and audited. Its run has looked at the sources of this state root;
    one that has not was copied from another root and is nobody's news here.
    """
    runs = outcomes.runs(layout)
    published = {run["run_id"] for run in runs if run["result"] == "published"}
    unknown = [made for made in publications.versions(layout) if made["run_id"] not in published]
    own = outcomes.run_ids(layout) if unknown else frozenset()
    return [
        made
        for made in unknown
        if made["run_id"] in own and not damage_of(layout.publications / made["version"])
    ]


def _finish_publishing(layout: Layout, unfinished: list[dict[str, Any]]) -> None:
    """Point readers at the last one; then write the rows, so that pointing back is not undone."""
    publications.point_current_at(layout, unfinished[-1]["version"])
    for made in unfinished:
        at, version = made["published_at"], made["version"]
        reason = "finished after its run had died"
        fingerprint, transport = made["input_fingerprint"], made["transport"]
        outcomes.record_run(
            layout,
            RunRecord(made["run_id"], at, at, "published", version, reason, transport, fingerprint),
        )


def _leave(layout: Layout, damage: tuple[str, ...], run_id: str, at: str) -> str | None:
    """Point at the newest whole publication, if there is one; that is written down first."""
    whole, made = _newest_whole(layout), _made(layout)
    if not made:
        return None
    seen = layout.current.resolve().name
    wrong = f"{seen} is damaged: {'; '.join(damage)}" if damage else "the pointer was gone"
    told = f"{wrong}. Readers see {whole or 'no other one until the next is made'}."
    if damage or whole != made[-1]:
        row = RunRecord(run_id, at, at, outcomes.RECOVERED, whole, told, "", None)
        outcomes.record_run(layout, row)
    if whole:
        publications.point_current_at(layout, whole)
    return told


def _made(layout: Layout) -> list[str]:
    """Versions that runs of this state root have published, in the order of the runs' rows."""
    return [run["version"] for run in outcomes.runs(layout) if run["result"] == "published"]


def _newest_whole(layout: Layout) -> str | None:
    made = reversed(_made(layout))
    return next((name for name in made if not damage_of(layout.publications / name)), None)
