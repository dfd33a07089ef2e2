"""The municipalities' submissions as an asset: what waits in the inbox, to its receipts."""

from collections import Counter

import dagster as dg

from ingestion.submissions.findings import codes
from orchestration.night import NIGHT
from orchestration.run import RefreshRun
from orchestration.source_assets import POOL
from orchestration.submission_intake import CELLS_TABLE, TITLE, IntakeResult

KEY = dg.AssetKey(["submissions", CELLS_TABLE])
LAYERS = sorted({code.layer for code in codes().values()})


@dg.asset(
    key=KEY,
    group_name="submissions",
    description=f"{TITLE}\n\nGrain: one understood cell of an accepted submission.",
    owners=["team:data"],
    kinds={"excel", "parquet"},
    check_specs=[
        dg.AssetCheckSpec(
            f"{layer}_checks",
            asset=KEY,
            description=f"No submission is refused by a check of the layer {layer}.",
        )
        for layer in LAYERS
    ],
    required_resource_keys={NIGHT},
    pool=POOL,
)
def submission_cells(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Hand in what waits; a refused file is an answer to its sender, not a failure of the run."""
    run: RefreshRun = context.resources.night
    result = run.take_in_submissions()
    return dg.MaterializeResult(
        metadata={
            "decided": len([r for r in result.receipts if not r.is_known]),
            "accepted": len([r for r in result.receipts if r.status == "accepted"]),
            "rejected": len([r for r in result.receipts if r.status == "rejected"]),
            "in_force": len(run.submissions.in_force),
            "trouble": result.trouble or "none",
        },
        check_results=_checks(result),
    )


def _checks(result: IntakeResult) -> list[dg.AssetCheckResult]:
    errors = [
        entry
        for receipt in result.receipts
        if receipt.status == "rejected"
        for entry in receipt.findings
        if entry.severity == "error"
    ]
    counts = Counter(entry.layer for entry in errors)
    told = {layer: Counter(e.code for e in errors if e.layer == layer) for layer in LAYERS}
    return [
        dg.AssetCheckResult(
            check_name=f"{layer}_checks",
            passed=not counts[layer] and result.trouble is None,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"errors": counts[layer], "codes": ", ".join(told[layer]) or "none"},
        )
        for layer in LAYERS
    ]
