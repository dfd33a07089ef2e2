"""Dagster's entry point. Nothing is registered by hand: a new source never touches this file."""

import dagster as dg

from ingestion.declaration import load_sources
from orchestration.announced_sensor import announced_sensor
from orchestration.inbox_sensor import inbox_sensor
from orchestration.model_assets import models
from orchestration.night import NIGHT, night
from orchestration.publication_asset import monitoring_publication
from orchestration.source_assets import source_asset
from orchestration.submission_asset import submission_cells

nightly_refresh = dg.define_asset_job(
    "nightly_refresh",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Look, take in, build, audit, publish. Ends after the look when there is no news.",
)

nightly = dg.ScheduleDefinition(
    name="nightly",
    job=nightly_refresh,
    cron_schedule="30 2 * * *",
    execution_timezone="Europe/Copenhagen",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every night at half past two.",
)

defs = dg.Definitions(
    assets=[
        *(source_asset(source) for source in load_sources()),
        submission_cells,
        models,
        monitoring_publication,
    ],
    jobs=[nightly_refresh],
    sensors=[inbox_sensor(nightly_refresh.name), announced_sensor(nightly_refresh.name)],
    schedules=[nightly],
    resources={NIGHT: night},
    executor=dg.in_process_executor,
)
