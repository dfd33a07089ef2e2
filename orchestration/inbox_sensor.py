"""Watches the inbox between the nights: a file handed in starts a run within half a minute."""

import dagster as dg

from orchestration.fingerprint import digest_of
from orchestration.inbox import waiting_files
from orchestration.settings import load_settings

EVERY_SECONDS = 30


def inbox_sensor(job_name: str) -> dg.SensorDefinition:
    """A sensor that asks for one run per state of the inbox."""

    @dg.sensor(
        name="inbox",
        job_name=job_name,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="A file left in the inbox starts a run; the same files start it once.",
    )
    def watch(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        files = waiting_files(load_settings())
        if not files:
            return dg.SkipReason("The inbox is empty.")
        seen = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return dg.RunRequest(run_key=digest_of(seen), tags={"klimamonitor/inbox": str(len(files))})

    return watch
