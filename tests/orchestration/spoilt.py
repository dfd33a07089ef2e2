"""Drafts that are spoilt between dbt and the audit, and runs that must be held for it."""

from typing import Any

import duckdb
import pytest

from orchestration.run import RefreshRun
from orchestration.settings import Settings
from tests.orchestration.conftest import file_bytes, run
from warehouse import outcomes

_build = RefreshRun.build
_built: dict[object, tuple[bytes, Any]] = {}


def _build_once(run: RefreshRun) -> Any:
    """Build a draft, or take the one that was built of the same inputs, at the same time and after
    as many runs.
    """
    made_of = (run.started_at, run.fingerprint, len(outcomes.runs(run.layout)))
    if made_of not in _built:
        results = _build(run)
        _built[made_of] = run.draft.file.read_bytes(), results
    content, results = _built[made_of]
    run.draft.file.write_bytes(content)
    return results


def spoil(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    """Change the draft after dbt has built it and before it is sealed."""

    def build_and_spoil(self: RefreshRun) -> Any:
        results = _build_once(self)
        with duckdb.connect(str(self.draft.file)) as draft:
            draft.execute(sql)
        return results

    monkeypatch.setattr(RefreshRun, "build", build_and_spoil)


def held(settings: Settings, *, force: bool = True) -> tuple[str, ...]:
    """Run, prove that it was held and that readers see the same bytes; return the reasons."""
    current = settings.layout.current
    before, version = file_bytes(current), current.resolve()
    result = run(settings, force=force)
    assert (result.result, result.exit_code) == ("held", 3), result.reasons
    assert current.resolve() == version
    assert file_bytes(current) == before
    return result.reasons
