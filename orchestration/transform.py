"""The one dbt invocation of a run, in this process, on this run's private files.

The parsed project is kept below ``dbt_project/target``, in a folder named by what it was made of,
and reused while nothing in the project changes: parsing costs more than building. The folder
appears whole and never changes, so one process may parse while another one reads. Paths of a run
reach dbt through two variables that only ``profiles.yml`` reads.
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration import machine
from orchestration.fingerprint import dbt_fingerprint, digest_of, project_digest
from orchestration.key_tests import run_key_tests, take_key_tests
from orchestration.lean_dbt import drop_unreachable_macros, silence_but
from orchestration.settings import DBT_PROJECT
from warehouse.draft import Draft
from warehouse.failpoints import failpoint

TARGET = DBT_PROJECT / "target"
MANIFEST, PARTIAL = "manifest.json", "partial_parse.msgpack"
LOCK, FRESH = ".parsing.lock", ".parsing-"
# A server reads its parsed project every night, whatever others have parsed since.
KEPT_SECONDS = 7 * 24 * 3600
GOOD = ("success", "pass", "warn")
FINISHED = "NodeFinished"
Told = Callable[[str], None]


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test."""

    unique_id: str
    status: str
    message: str
    seconds: float
    failures: int


class TransformError(RuntimeError):
    """dbt could not parse or build; nothing of this draft is published."""


def invoke(
    arguments: list[str], draft: Draft | None, project: Path = DBT_PROJECT, **runner: Any
) -> Any:
    """One call of dbt's programmatic runner; ``runner`` may hold a parsed project and callbacks."""
    from dbt.cli.main import dbtRunner

    before = dict(os.environ)
    os.environ["DO_NOT_TRACK"] = "1"
    if draft is not None:
        os.environ["KLIMAMONITOR_WORK_DB"] = str(draft.work_file)
        os.environ["KLIMAMONITOR_DRAFT_DB"] = str(draft.file)
    try:
        folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
        return dbtRunner(**runner).invoke([*arguments, *folders])
    finally:
        os.environ.clear()
        os.environ.update(before)


def ensure_parsed() -> Path:
    """Parse the project if it changed since the last time; return its ``manifest.json``.

    Raises:
        TransformError: the project does not parse, or changed meanwhile.
    """
    return _parsed() / MANIFEST


def _parsed() -> Path:
    """The folder of the parsed project, which holds absolute paths of its seeds."""
    folder = TARGET / digest_of([str(DBT_PROJECT), dbt_fingerprint()])[:16]
    if not folder.exists():
        with (DBT_PROJECT / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                _clear()
                parse(DBT_PROJECT, dbt_fingerprint(), folder)
    os.utime(folder)
    return folder


def _clear() -> None:
    """Remove what a parse that was killed has left, and what nobody has read for long."""
    TARGET.mkdir(exist_ok=True)
    for path in TARGET.iterdir():
        is_unread = time.time() - path.stat().st_mtime > KEPT_SECONDS
        if path.is_dir() and (is_unread or path.name.startswith(FRESH)):
            shutil.rmtree(path)


def parse(project: Path, digest: str, folder: Path) -> None:
    """Parse a dbt project of this digest into a new folder, which appears whole.

    Raises:
        TransformError: the project does not parse, or is not of this digest any more.
    """
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=FRESH))
    try:
        paths = ["--log-path", str(fresh), "parse", "--target-path", str(fresh)]
        result = invoke(["--quiet", *paths], None, project)
        if not result.success:
            raise TransformError(f"The dbt project does not parse: {result.exception}")
        if project_digest(project) != digest:
            raise TransformError("The dbt project changed while it was parsed. Start again.")
        fresh.chmod(0o755)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_parsed(folder: Path | None = None) -> Any:
    """A parsed project as dbt's own object, so that building need not parse."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    parsed = ((folder or _parsed()) / PARTIAL).read_bytes()
    manifest = Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder)
    drop_unreachable_macros(manifest)
    manifest.build_flat_graph()
    return manifest


def build(draft: Draft, told: Told) -> list[NodeResult]:
    """Build and test the models into a draft.

    Args:
        draft: the files of this run.
        told: is given the name of each finished node.

    Returns:
        One result per node, failed tests (gate 2) among them.

    Raises:
        TransformError: a model could not be built; the message names it.
    """
    manifest = read_parsed()
    keys = take_key_tests(manifest)
    options = ["--exclude-resource-type", "unit_test"]
    results = build_nodes(draft, options, manifest, [_teller(told)])
    for key in run_key_tests(draft, keys):
        failpoint("dbt_node")
        told(short_name(key.test.unique_id))
        status = "fail" if key.failures else "pass"
        result = NodeResult(key.test.unique_id, status, key.message, key.seconds, key.failures)
        results.append(result)
    return results


def build_nodes(
    draft: Draft,
    options: list[str],
    manifest: Any,
    callbacks: Sequence[Callable[[Any], None]] = (),
    project: Path = DBT_PROJECT,
) -> list[NodeResult]:
    """Build what the options select of a parsed project.

    Raises:
        TransformError: a model could not be built; the message names it.
    """
    arguments = ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
    arguments += ["--no-populate-cache", "--log-path", str(draft.folder)]
    arguments += ["build", "--target-path", str(draft.folder / "target"), *options]
    with silence_but(FINISHED):
        outcome = invoke(arguments, draft, project, manifest=manifest, callbacks=list(callbacks))
    close_connections()
    results = [_node(result) for result in getattr(outcome.result, "results", [])]
    broken = [result for result in results if result.status == "error"]
    if broken or not results:
        words = "; ".join(f"{short_name(r.unique_id)}: {r.message}" for r in broken[:5])
        raise TransformError(
            f"dbt could not build the draft. {words or machine.whole_story(outcome.exception)}"
        )
    return results


def gate_2_failures(results: list[NodeResult]) -> list[str]:
    """Every node that stands between this draft and its publication."""
    return [
        f"{short_name(result.unique_id)}: {result.message}"
        for result in results
        if result.status not in GOOD
    ]


def _teller(told: Told) -> Callable[[Any], None]:
    def tell(event: Any) -> None:
        if event.info.name == FINISHED:
            failpoint("dbt_node")
            told(short_name(event.data.node_info.unique_id))

    return tell


def _node(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        status=str(result.status),
        message=" ".join(str(result.message or "").split())[:300],
        seconds=float(result.execution_time),
        failures=int(result.failures or 0),
    )


def short_name(unique_id: str) -> str:
    """The name of a node without its kind and project."""
    return unique_id.split(".")[2]


def close_connections() -> None:
    """dbt keeps its DuckDB connection; the draft must be closed before it is sealed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def parsed_project() -> dict[str, Any]:
    """dbt's ``manifest.json``, parsed anew if the project changed."""
    project: dict[str, Any] = json.loads(ensure_parsed().read_text(encoding="utf-8"))
    return project


if __name__ == "__main__":
    ensure_parsed()
