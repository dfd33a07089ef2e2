"""One asset per dbt model, test results as asset checks; all of them one dbt invocation."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration.night import NIGHT
from orchestration.run import RefreshRun
from orchestration.source_assets import POOL
from orchestration.transform import GOOD, NodeResult, ensure_parsed, gate_2_failures

UNIQUE_ID = "dagster_dbt/unique_id"


class Translator(DagsterDbtTranslator):  # type: ignore[misc]
    """Groups by folder, so that the graph reads from left to right."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Registers, staging, intermediate, publication."""
        if dbt_resource_props["resource_type"] == "seed":
            return "registers"
        return str(dbt_resource_props["fqn"][1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Everything in the dbt project belongs to the data team."""
        return ["team:data"]

    def get_asset_check_spec(self, *arguments: Any, **named: Any) -> dg.AssetCheckSpec | None:
        """As dagster-dbt makes it; what stops a run is gate 2, which fails the step itself."""
        spec: dg.AssetCheckSpec | None = super().get_asset_check_spec(*arguments, **named)
        return spec._replace(blocking=False) if spec else None


@dbt_assets(  # type: ignore[untyped-decorator]
    manifest=ensure_parsed(),
    exclude="resource_type:unit_test",
    dagster_dbt_translator=Translator(),
    required_resource_keys={NIGHT},
    pool=POOL,
    name="models",
)
def models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Build every model into this run's draft; without news there is nothing to build."""
    run: RefreshRun = context.resources.night
    if not run.has_news():
        context.log.info("No news: the current publication stands.")
        return
    results = run.build()
    yield from _events(context, results)
    run.require_gate_2(gate_2_failures(results))


def _events(
    context: dg.AssetExecutionContext, results: list[NodeResult]
) -> Iterator[dg.MaterializeResult[None]]:
    """dbt's results as materialisations and checks of the assets that were asked for.

    A check is logged as it is: as an output of the step it would cost three times as much.
    """
    specs = {spec.metadata.get(UNIQUE_ID): spec.key for spec in context.assets_def.specs}
    checks = {spec.metadata.get(UNIQUE_ID): spec for spec in context.assets_def.check_specs}
    for result in results:
        key = specs.get(result.unique_id)
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata={"seconds": result.seconds})
        check = checks.get(result.unique_id)
        if check is not None and check.key in context.selected_asset_check_keys:
            context.log_event(_evaluation(check, result))


def _evaluation(check: dg.AssetCheckSpec, result: NodeResult) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=result.status in GOOD,
        metadata={"message": result.message, "failing_rows": result.failures},
    )
