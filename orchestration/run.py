"""One run of the main job, step by step; Dagster and the command line call the same steps.

Look and take in every source, build the draft with dbt, audit it, publish it. A run without news
ends after the look. Whatever ends a run, readers see the old publication or the new one, whole.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING, Any

from ingestion.declaration import Source, load_sources
from orchestration import machine
from orchestration.attempts import past_attempts, release_columns
from orchestration.breaker import PassingError
from orchestration.fingerprint import (
    code_fingerprint,
    dbt_fingerprint,
    input_fingerprint,
    project_files,
)
from orchestration.intake import EVERYTHING, Intake, Scope, Waiting
from orchestration.settings import DBT_PROJECT, Settings
from orchestration.source_states import (
    SourceState,
    naive,
    releases_in_force,
    source_state,
)
from orchestration.spans import export_run
from orchestration.step_clock import StepClock, Told
from orchestration.submission_intake import IntakeResult, SubmissionIntake, source_row
from warehouse import holds, outcomes, publications
from warehouse.damage import damage_of_chosen
from warehouse.days import day_of
from warehouse.history import files
from warehouse.holds import Hold, HoldRelease
from warehouse.outcomes import Outcome, RunRecord
from warehouse.run_steps import record_steps
from warehouse.submissions import SOURCE_ID

if TYPE_CHECKING:
    from expectations.publication_audit import Audit
    from orchestration.transform import NodeResult
    from warehouse.draft import Draft
    from warehouse.inputs import Inputs

EXIT_CODES = {"published": 0, "unchanged": 0, "taken in": 0, "held": 3, "failed": 1}
HOW_TO_RELEASE = "a named person may accept this once: klimamonitor release --by NAME --reason WHY"


@dataclass(frozen=True)
class RunResult:
    """How a run ended: ``published``, ``unchanged``, ``held`` or ``failed``, and why.

    A run of single sources, started from Dagster, ends as ``taken in``.
    """

    result: str
    run_id: str
    version: str | None
    reasons: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()

    @property
    def exit_code(self) -> int:
        """The command's exit status."""
        return EXIT_CODES[self.result]


class RefreshRun:
    """The state of one run; made by ``opened``, which holds the run lock meanwhile."""

    def __init__(
        self, settings: Settings, *, force: bool, told: Told, scope: Scope = EVERYTHING
    ) -> None:
        self.settings = settings
        self.layout = settings.layout
        self.force = force
        self.told = StepClock(told)
        self.started_at = settings.now()
        self.run_id = f"{self.started_at.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:8]}"
        self.intake = Intake(settings, self.run_id, force=force, scope=scope)
        self.sources = load_sources()
        self.submissions = SubmissionIntake(settings, self.run_id)
        self.result: RunResult | None = None
        self.damage: str | None = None
        self.audits: list[Audit] = []

    def has_news(self) -> bool:
        """Look at every source and the inbox; whether anything differs from the newest
        publication.
        """
        self._look_at(self.sources)
        if self.force or any(not isinstance(r, Outcome) for r in self.intake.results.values()):
            return True
        if outcomes.recovered(self.layout):
            return True
        if not self.submissions.is_taken_in and self.submissions.has_arrivals():
            return True
        newest = publications.newest_manifest(self.layout)
        if newest is None or newest["input_fingerprint"] != self.fingerprint or self.release:
            return True
        # A deadline that passes is news that no source brings.
        today = self.started_at.date().isoformat()
        return any(
            newest["published_at"][:10] < day <= today for day in newest.get("changes_on", [])
        )

    def _look_at(self, sources: Sequence[Source]) -> None:
        """Look at sources; those that failed in passing once more after each pause."""
        passing: list[Source] = []
        pauses: list[float] = []
        for source in sources:
            self.told("look", source.id)
            try:
                self.intake.prepare(source)
            except PassingError as error:
                passing.append(source)
                pauses.append(error.seconds)
        if passing:
            self.told("wait", f"{len(passing)} sources are asked again in {max(pauses):g} s")
            time.sleep(max(pauses))
            self._look_at(passing)

    def take_in(self, source: Source) -> Outcome:
        """One source to its outcome.

        Raises:
            PassingError: it failed in a way that may pass, and is to be asked again.
        """
        self.told("take in", source.id)
        return self.intake.take_in(source)

    def take_in_submissions(self) -> IntakeResult:
        """What waits in the inbox, to its receipts."""
        self.told("take in", "submissions")
        return self.submissions.result

    @cached_property
    def states(self) -> dict[str, SourceState]:
        """Every source's state; taken once, when all sources have their outcome."""
        known = self.intake.results
        return {
            source.id: source_state(self.settings, source, self._outcome(known.get(source.id)))
            for source in self.sources
        }

    def _outcome(self, result: Outcome | Waiting | None) -> Outcome | None:
        return result if isinstance(result, Outcome) else None

    @cached_property
    def fingerprint(self) -> str:
        """All inputs of the publication but the clock."""
        words = {source_id: state.state for source_id, state in self.states.items()}
        words[SOURCE_ID] = self.submissions.state_row()["state"]
        return input_fingerprint(
            releases_in_force(self.states),
            self.submissions.fingerprint,
            words,
            self.settings.transport,
            self.settings.now().year,
        )

    @cached_property
    def release(self) -> HoldRelease | None:
        """What a person accepted of the last held attempt, when this run has its very inputs."""
        return holds.standing(self.layout, self.fingerprint, self.current_version)

    @cached_property
    def version(self) -> str:
        """The name of the publication that this run makes."""
        return publications.new_version(self.layout, self.started_at, self.fingerprint)

    @cached_property
    def inputs(self) -> "Inputs":
        """All that this run's draft is made of."""
        from orchestration.raw_tables import control_tables, raw_table
        from warehouse.inputs import Inputs, control_of

        tables = [raw_table(self.layout, s.source, s.release) for s in self.states.values()]
        control = control_tables(self.states, self.log_rows(), self._row(), self.settings.now())
        control["source"] = [*control["source"], source_row()]
        control["source_state"] = [*control["source_state"], self.submissions.state_row()]
        return Inputs(
            tables={table.name: table for table in tables},
            control=control_of({**control, **self.submissions.control_rows()}),
            cells=self.submissions.cell_files(),
            published=[change.path for change in files(self.layout, "fct_indicator")],
            project=dbt_fingerprint(),
        )

    @cached_property
    def draft(self) -> "Draft":
        """This run's private files, with every accepted table in view."""
        from warehouse.draft import Draft, prepare
        from warehouse.inputs import keep_project

        keep_project(self.layout, self.inputs.project, DBT_PROJECT, project_files(DBT_PROJECT))
        return prepare(self.layout, Draft.of_run(self.layout, self.run_id), self.inputs)

    def build(self) -> "list[NodeResult]":
        """Build the draft, then say in it what moved since what readers see now; test failures
        are among the results.

        Raises:
            TransformError: a model could not be built.
        """
        from orchestration.publication_changes import tell_changes
        from orchestration.rebuilding import Workshop
        from orchestration.transform import build, gate_2_failures

        results = build(self.draft, lambda name: self.told("build", name))
        self.told.built((result.unique_id, result.seconds) for result in results)
        is_whole = self.current_version and not damage_of_chosen(self.layout, None)
        if self.current_version and is_whole and not gate_2_failures(results):
            self.told("compare", self.current_version)
            workshop = Workshop(self.layout, self.draft.folder / "again")
            told = tell_changes(workshop, self.current_version, self.inputs, self.draft)
            results = list({result.unique_id: result for result in [*results, *told]}.values())
        return results

    def require_gate_2(self, failures: list[str]) -> None:
        """Hold the draft when a dbt test failed.

        Raises:
            HeldError: naming the tests.
        """
        if failures:
            self.hold([f"gate 2: {failure}" for failure in failures])

    def publish(self) -> str:
        """Seal, audit and promote the draft; return the version.

        Raises:
            HeldError: gate 3 holds the draft.
        """
        from orchestration.publishing import audit, publish

        try:
            self.told("audit", "the draft")
            audited = audit(self.layout, self.draft, self.states, self.submissions.available)
            self.audits = audited.audits
            self.told("publish", self.version)
            publish(self.layout, audited, self.facts())
        except publications.HeldError as held:
            self.hold([f"gate 3: {reason}" for reason in held.reasons], held.holds)
            raise
        self.result = RunResult("published", self.run_id, self.version)
        return self.version

    def hold(self, reasons: list[str], found: tuple[Hold, ...] = ()) -> None:
        """End this run without a publication; ``found`` is what a person may accept.

        Raises:
            HeldError: always.
        """
        told = (*reasons, HOW_TO_RELEASE) if found else tuple(reasons)
        self.result = RunResult("held", self.run_id, self.version, told, found)
        raise publications.HeldError(told, found)

    def fail(self, reasons: list[str]) -> None:
        """End this run without a publication because something broke."""
        self.result = RunResult("failed", self.run_id, None, tuple(reasons))

    def conclude(self, error: str | None = None) -> RunResult:
        """How the run ended, when all its steps are over; writes the run's row."""
        if self.result is None and error is None and not self.has_news():
            self.result = RunResult("unchanged", self.run_id, self.current_version)
        if self.result is None and error is None and "draft" not in self.__dict__:
            self.result = RunResult("taken in", self.run_id, self.current_version)
        if self.result is None:
            reason = error or "the run ended before its draft was published"
            self.result = RunResult("failed", self.run_id, None, (reason,))
        self.result = replace(self.result, reasons=self._with_advice(self.result))
        self.close(self.result)
        return self.result

    def _with_advice(self, result: RunResult) -> tuple[str, ...]:
        """The reasons, with the damage that was found and what to do about the machine."""
        words = " ".join(result.reasons)
        advice = machine.hint(words, self.layout.home) if result.result == "failed" else None
        return tuple(told for told in (self.damage, *result.reasons, advice) if told)

    @property
    def current_version(self) -> str | None:
        """The version that readers see."""
        manifest = publications.current_manifest(self.layout)
        return manifest["version"] if manifest else None

    def close(self, result: RunResult) -> None:
        """Write the run's row and its steps; both are written for every run that was opened."""
        looked = [
            o
            for o in self.intake.results.values()
            if isinstance(o, Outcome) and o.run_id == self.run_id
        ]
        record_steps(self.layout, self.run_id, self.told.steps(looked))
        outcomes.record_run(
            self.layout,
            RunRecord(
                run_id=self.run_id,
                started_at=self.started_at.isoformat(),
                ended_at=self.settings.now().isoformat(),
                result=result.result,
                version=result.version,
                reason="; ".join(result.reasons),
                transport=self.settings.transport,
                input_fingerprint=self.__dict__.get("fingerprint"),
                compared_with=self.current_version if result.result == "held" else None,
                holds=result.holds,
            ),
        )

    def export_spans(self) -> None:
        """Send what took how long to a collector, where there is one."""
        result = self.result.result if self.result else "failed"
        about = {"run_id": self.run_id, "result": result, "transport": self.settings.transport}
        export_run(self.settings, self.told.intervals(), about)

    def _row(self) -> dict[str, Any]:
        """The row of the control table ``run``."""
        return {
            "run_id": self.run_id,
            "version": self.version,
            "as_of": naive(self.started_at.isoformat()),
            "published_date": day_of(self.started_at.isoformat()),
            "transport": self.settings.transport,
        }

    def log_rows(self) -> list[dict[str, Any]]:
        """``publication_log``: every publication and held attempt so far, and this one."""
        this = {
            "version": self.version,
            "run_id": self.run_id,
            "outcome": "published",
            "recorded_at": naive(self.started_at.isoformat()),
            "reason": None,
            "transport": self.settings.transport,
            "input_fingerprint": self.fingerprint,
            "schema_version": publications.SCHEMA_VERSION,
            **release_columns(self.release),
        }
        return [*past_attempts(self.layout), this]

    def facts(self) -> publications.Facts:
        """What the manifest records of this run."""
        from warehouse.requirements import changes_after

        return publications.Facts(
            version=self.version,
            published_at=self.started_at.isoformat(),
            run_id=self.run_id,
            transport=self.settings.transport,
            input_fingerprint=self.fingerprint,
            code_version=package_version("klimamonitor"),
            code_fingerprint=code_fingerprint(),
            compared_with=self.current_version,
            releases=releases_in_force(self.states),
            source_states={source_id: state.state for source_id, state in self.states.items()},
            submissions=self.submissions.in_force,
            changes_on=changes_after(self.draft.file, self.started_at.date()),
            release=self.release,
            notes=(
                *_snapshot_notes(self.states),
                *self.submissions.notes(),
                *self._clock_notes(),
            ),
        )

    def _clock_notes(self) -> tuple[str, ...]:
        """That the clock went back since the last publication."""
        last = publications.newest_manifest(self.layout)
        if last is None or datetime.fromisoformat(last["published_at"]) <= self.started_at:
            return ()
        told = f"{last['version']} was published at {last['published_at']}"
        return (f"The clock went back: {told}; this version is named so that it sorts after it.",)


def _snapshot_notes(states: Mapping[str, SourceState]) -> tuple[str, ...]:
    """Where embedded figures are in force: how they are coarser than the provider's."""
    if not any(s.release and s.release.transport == "snapshot" for s in states.values()):
        return ()
    from ingestion.snapshot.storage import coarseness

    return coarseness()
