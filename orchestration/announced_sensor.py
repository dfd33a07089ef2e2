"""Watches for announced figures between the nights, so that they need not wait for the next one."""

import dagster as dg

from orchestration.announcements import announced
from orchestration.fingerprint import digest_of
from orchestration.settings import load_settings

EVERY_SECONDS = 1800


def announced_sensor(job_name: str) -> dg.SensorDefinition:
    """A sensor that asks for one run per announced state of the expected tables."""

    @dg.sensor(
        name="announced_figures",
        job_name=job_name,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Figures that are expected and that StatBank has published start a run, once. StatBank "
            "is asked from eight to four, and only while something is expected."
        ),
    )
    def watch(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        found = announced(load_settings())
        if not found:
            return dg.SkipReason("Nothing that is expected has been published.")
        tags = {"klimamonitor/announced": ",".join(sorted(found))}
        return dg.RunRequest(run_key=digest_of(found), tags=tags)

    return watch
