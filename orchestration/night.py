"""The run as a Dagster resource: opened once per Dagster run, closed whatever happens."""

from collections.abc import Iterator

import dagster as dg

from orchestration.open_run import opened
from orchestration.run import RefreshRun
from orchestration.settings import load_settings
from warehouse.outcomes import Outcome

NIGHT = "night"


@dg.resource(description="One run of the main job on this state root; it holds the run lock.")
def night(context: dg.InitResourceContext) -> Iterator[RefreshRun]:
    """Open a run for jobs launched from Dagster itself."""

    def tell(stage: str, item: str) -> None:
        if context.log:
            context.log.info(f"{stage}: {item}")

    with opened(load_settings(), told=tell) as run:
        yield run
        if context.instance and context.run_id:
            context.instance.add_run_tags(context.run_id, tags_of(run))


def tags_of(run: RefreshRun) -> dict[str, str]:
    """By what a run is found again: its own id, its publication, and whose news it brought."""
    outcomes = [o for o in run.intake.results.values() if isinstance(o, Outcome)]
    sources = sorted(o.source_id for o in outcomes if o.result == "accepted")
    receipts = run.submissions.receipts
    places = {r.submission.municipality_code for r in receipts if r.submission.municipality_code}
    tags = {
        "run_id": run.run_id,
        "publication": run.result.version if run.result else None,
        "sources": ",".join(sources),
        "municipalities": ",".join(sorted(places)),
    }
    return {f"klimamonitor/{name}": value for name, value in tags.items() if value}
