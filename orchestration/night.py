"""The run as a Dagster resource: opened once per Dagster run, closed whatever happens."""

from collections.abc import Iterator

import dagster as dg

from orchestration.open_run import opened
from orchestration.run import RefreshRun
from orchestration.settings import load_settings

NIGHT = "night"


@dg.resource(description="One run of the main job on this state root; it holds the run lock.")
def night(context: dg.InitResourceContext) -> Iterator[RefreshRun]:
    """Open a run for jobs launched from Dagster itself."""

    def tell(stage: str, item: str) -> None:
        if context.log:
            context.log.info(f"{stage}: {item}")

    with opened(load_settings(), told=tell) as run:
        yield run
