"""One asset per declared source, generated: a new declaration is a new asset, no list to edit."""

from datetime import timedelta

import dagster as dg

from ingestion.declaration import Source
from orchestration.breaker import PassingError
from orchestration.night import NIGHT
from orchestration.run import RefreshRun
from orchestration.source_states import TROUBLE, source_state
from warehouse.outcomes import Outcome

GATE_1 = "gate_1"
POOL = "warehouse"
# How often is decided by the run, which asks for a retry only while one is left.
MOST_RETRIES = 10


def source_asset(source: Source) -> dg.AssetsDefinition:
    """The asset of one source: look, fetch, land, gate 1, accept or quarantine."""
    key = dg.AssetKey(source.asset_key)

    @dg.asset(
        key=key,
        group_name=f"sources_{source.provider}",
        description=f"{source.title}\n\nGrain: {', '.join(source.key)}.",
        owners=[f"team:{source.owner}"],
        kinds={"parquet", source.provider},
        metadata=_facts(source),
        check_specs=[dg.AssetCheckSpec(GATE_1, asset=key, description="Accepted by gate 1.")],
        freshness_policy=dg.FreshnessPolicy.time_window(
            fail_window=timedelta(days=2), warn_window=timedelta(hours=30)
        ),
        required_resource_keys={NIGHT},
        pool=POOL,
    )
    def taken_in(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        run: RefreshRun = context.resources.night
        try:
            return _result(run, source, run.take_in(source))
        except PassingError as error:
            raise dg.RetryRequested(MOST_RETRIES, error.seconds) from error

    return taken_in


def _facts(source: Source) -> dict[str, dg.MetadataValue]:
    return {
        "url": dg.MetadataValue.url(source.url),
        "documentation": dg.MetadataValue.url(source.documentation_url),
        "cadence": dg.MetadataValue.text(source.cadence.value),
        "licence": dg.MetadataValue.text(source.publisher.licence),
        "declaration": dg.MetadataValue.path(f"ingestion/sources/{source.id}.yml"),
    }


def _result(run: RefreshRun, source: Source, outcome: Outcome) -> dg.MaterializeResult[None]:
    state = source_state(run.settings, source, outcome)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": state.release.rows_accepted if state.release else 0,
            "outcome": outcome.result,
            "state": state.state,
            "reason": state.reason,
            "rows_set_aside": outcome.rows_set_aside,
            "release": state.release.release_id if state.release else "none",
            "latest_period": state.release.latest_period if state.release else "none",
            "seconds": outcome.seconds,
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=GATE_1,
                passed=outcome.result not in TROUBLE,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"reason": state.reason},
            )
        ],
    )
