"""A run as spans, at a collector over loopback, and without one."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from orchestration.open_run import opened
from orchestration.settings import SettingsError
from orchestration.spans import Interval, export_run
from tests.orchestration.conftest import settings_for

STEPS = [
    Interval("open", "", 1_000, 2_000),
    Interval("look", "statbank_are207", 2_000, 5_000),
    Interval("look", "statbank_bil54", 5_000, 9_000),
    Interval("build", "stg_statbank__areas", 9_000, 20_000),
]


class Collector:
    """Takes spans as a collector does, and may be out of order."""

    def __init__(self, server: HTTPServer) -> None:
        self.status = 200
        self.spans: list[Span] = []
        server.expect_request("/v1/traces").respond_with_handler(self._take)
        self.url = server.url_for("/").rstrip("/")

    def _take(self, request: Request) -> Response:
        told = ExportTraceServiceRequest.FromString(request.get_data())
        scopes = [scope for resource in told.resource_spans for scope in resource.scope_spans]
        self.spans += [span for scope in scopes for span in scope.spans]
        return Response(status=self.status)

    def below(self, name: str) -> list[str]:
        """Names of the spans directly below the one of this name, in order of their beginning."""
        (above,) = (span for span in self.spans if span.name == name)
        found = [span for span in self.spans if span.parent_span_id == above.span_id]
        return [span.name for span in ordered(found)]


def ordered(spans: Sequence[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: int(span.start_time_unix_nano))


@pytest.fixture
def collector(httpserver: HTTPServer) -> Collector:
    return Collector(httpserver)


def test_a_run_has_stages_and_a_stage_its_sources(tmp_path: Path, collector: Collector) -> None:
    settings = settings_for(tmp_path, KLIMAMONITOR_OTLP_ENDPOINT=f"{collector.url}/")
    export_run(settings, STEPS, {"run_id": "r", "result": "published"})
    assert collector.below("run") == ["open", "look", "build"]
    assert collector.below("look") == ["statbank_are207", "statbank_bil54"]
    assert collector.below("build") == [], "nodes are told when they end"
    (run,) = (span for span in collector.spans if span.name == "run")
    assert (run.start_time_unix_nano, run.end_time_unix_nano) == (1_000, 20_000)
    told = {entry.key: entry.value.string_value for entry in run.attributes}
    assert told == {"klimamonitor.run_id": "r", "klimamonitor.result": "published"}


def test_a_real_run_tells_its_stages(tmp_path: Path, collector: Collector) -> None:
    settings = settings_for(tmp_path, KLIMAMONITOR_OTLP_ENDPOINT=collector.url)
    with opened(settings) as night:
        night.told("look", "statbank_are207")
        night.fail(["nothing was built"])
    assert collector.below("run")[:2] == ["open", "look"]
    (run,) = (span for span in collector.spans if span.name == "run")
    told = {entry.key: entry.value.string_value for entry in run.attributes}
    assert told["klimamonitor.run_id"] == night.run_id
    assert told["klimamonitor.result"] == "failed"


def test_a_collector_that_refuses_changes_nothing(
    tmp_path: Path, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 400
    settings = settings_for(tmp_path, KLIMAMONITOR_OTLP_ENDPOINT=collector.url)
    export_run(settings, STEPS, {})
    assert "Failed to export" in caplog.text


def test_without_an_endpoint_nothing_is_sent(tmp_path: Path, collector: Collector) -> None:
    export_run(settings_for(tmp_path), STEPS, {})
    assert collector.spans == []
    with pytest.raises(SettingsError, match="must begin with http"):
        settings_for(tmp_path, KLIMAMONITOR_OTLP_ENDPOINT="localhost:4318")
