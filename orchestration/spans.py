"""A run as OpenTelemetry spans: the run, its stages, and in the stages each source and table.

Sent once, when the run is over, and only where ``KLIMAMONITOR_OTLP_ENDPOINT`` names a collector. A
collector that does not answer costs the run ten seconds and nothing else.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from orchestration.settings import Settings

LOG = logging.getLogger(__name__)
SERVICE, TIMEOUT_SECONDS = "klimamonitor", 10.0
# Of these stages each item is a span; dbt's nodes are told when they end, not when they begin.
WITH_ITEMS = frozenset({"look", "take in", "audit"})


@dataclass(frozen=True)
class Interval:
    """One step of a run; ``began`` and ``ended`` in nanoseconds since 1970."""

    stage: str
    item: str
    began: int
    ended: int


def export_run(settings: Settings, intervals: Sequence[Interval], about: Mapping[str, str]) -> None:
    """Send the spans of a run that is over.

    Args:
        settings: where the collector is; without one nothing is sent.
        intervals: every step, in order.
        about: attributes of the whole run, such as its id and result.
    """
    if settings.otlp_endpoint is None or not intervals:
        return
    try:
        _send(settings.otlp_endpoint, intervals, about)
    except Exception:
        LOG.exception("the spans of this run could not be sent")


def _send(endpoint: str, intervals: Sequence[Interval], about: Mapping[str, str]) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import Tracer, set_span_in_context

    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=TIMEOUT_SECONDS)
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=4096))
    tracer: Tracer = provider.get_tracer(SERVICE)
    attributes = {f"klimamonitor.{name}": value for name, value in about.items()}
    run = tracer.start_span("run", start_time=intervals[0].began, attributes=attributes)
    for stage, group in groupby(intervals, key=lambda interval: interval.stage):
        steps = list(group)
        above = tracer.start_span(stage, set_span_in_context(run), start_time=steps[0].began)
        for step in steps if stage in WITH_ITEMS else ():
            told = tracer.start_span(step.item, set_span_in_context(above), start_time=step.began)
            told.end(step.ended)
        above.end(steps[-1].ended)
    run.end(intervals[-1].ended)
    provider.shutdown()
