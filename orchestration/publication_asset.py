"""The publication as an asset: one check per published table, materialised only when promoted."""

from collections.abc import Iterator

import dagster as dg

from expectations.contract import published_tables
from expectations.publication_audit import Audit
from orchestration.night import NIGHT
from orchestration.run import RefreshRun
from orchestration.source_assets import POOL
from orchestration.transform import ensure_parsed
from warehouse.publications import HeldError

KEY = dg.AssetKey("monitoring_publication")
TABLES = published_tables(ensure_parsed())


@dg.asset(
    key=KEY,
    group_name="publication",
    deps=[table.name for table in TABLES],
    description="The audited tables that readers see: `current/monitoring.duckdb` and Parquet.",
    owners=["team:data"],
    kinds={"duckdb", "parquet"},
    check_specs=[
        dg.AssetCheckSpec(f"audit_{table.name}", asset=KEY, description=f"Gate 3 on {table.name}.")
        for table in TABLES
    ],
    required_resource_keys={NIGHT},
    pool=POOL,
)
def monitoring_publication(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult[None]]:
    """Audit this run's draft and promote it, or hold it and say why."""
    run: RefreshRun = context.resources.night
    try:
        version = run.publish()
    except HeldError as held:
        for audit in run.audits:
            context.log_event(_evaluation(audit))
        raise dg.Failure(
            f"Held: {held}. The old publication stands.", allow_retries=False
        ) from held
    facts = {"version": version, "tables": str(len(run.audits))}
    yield dg.MaterializeResult(metadata=facts, check_results=[_check(a) for a in run.audits])


def _check(audit: Audit) -> dg.AssetCheckResult:
    missed = [judgement.text for judgement in audit.judgements if not judgement.passed]
    return dg.AssetCheckResult(
        check_name=f"audit_{audit.table}",
        passed=not any(not j.passed and j.rule.severity != "warn" for j in audit.judgements),
        metadata={"rules": len(audit.judgements), "not_met": "; ".join(missed) or "none"},
    )


def _evaluation(audit: Audit) -> dg.AssetCheckEvaluation:
    result = _check(audit)
    return dg.AssetCheckEvaluation(
        asset_key=KEY,
        check_name=str(result.check_name),
        passed=result.passed,
        metadata={k: dg.MetadataValue.text(str(v)) for k, v in result.metadata.items()},
    )
