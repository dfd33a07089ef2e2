"""The providers on 127.0.0.1, each on a port of its own, answering from the snapshot.

Here belongs what concerns sockets: serving, recording, choosing the fault, delivering it. What a
fault does to an answer is in ``faults``.
"""

import contextlib
import http.server
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from ingestion.snapshot import statbank
from ingestion.snapshot.protocol import Answer, Request
from ingestion.snapshot.providers import answer as snapshot_answer
from ingestion.snapshot.providers import with_entity_tag, with_length
from ingestion.snapshot.statbank_extract import CELL_LIMIT

from .faults import Delivery, Fault

BASE_PATHS = {
    "statbank": "/v1",
    "energidataservice": "",
    "klimaregnskabet": "/api/municipality-data",
    "dmi": "/v2/climateData",
}
Match = str | Callable[[Request], bool] | None
Rewrite = Callable[[Request], Request]


@dataclass(frozen=True)
class Seen:
    """One request as it came; ``path`` is relative to the provider's base address."""

    time: float
    provider: str
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]


@dataclass
class Rule:
    """A fault or a rewriting for the requests that match, for ever or a number of times."""

    match: Match
    fault: Fault | None = None
    rewrite: Rewrite | None = None
    left: int | None = None

    def applies(self, request: Request) -> bool:
        """Whether the rule concerns the request; a counted rule is used up by this."""
        if self.left == 0 or not _matches(self.match, request):
            return False
        if self.left is not None:
            self.left -= 1
        return True


def _matches(match: Match, request: Request) -> bool:
    """Text is looked for in path, query and body; None matches everything."""
    if match is None:
        return True
    if callable(match):
        return match(request)
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    return match in f"{request.path}?{query}\n{request.body.decode('utf-8', errors='replace')}"


class Providers:
    """StatBank, Energi Data Service, Klimaregnskabet and DMI over real HTTP.

    Attributes:
        requests: every request since the start, oldest first.
    """

    def __init__(self, cell_limit: int = CELL_LIMIT) -> None:
        self.requests: list[Seen] = []
        self.cell_limit = cell_limit
        self._rules: dict[str, list[Rule]] = {provider: [] for provider in BASE_PATHS}
        self._servers: dict[str, _Server] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._ports: dict[str, int] = {}
        self._added: dict[str, Callable[[Request], Answer | None]] = {}
        for provider in BASE_PATHS:
            self.up(provider)

    @property
    def statbank_url(self) -> str:
        """Base address, ending in ``/v1``."""
        return self.url("statbank")

    @property
    def energidataservice_url(self) -> str:
        """Base address, before ``/dataset`` and ``/meta``."""
        return self.url("energidataservice")

    @property
    def klimaregnskabet_url(self) -> str:
        """Base address, ending in ``/api/municipality-data``."""
        return self.url("klimaregnskabet")

    @property
    def variables(self) -> dict[str, str]:
        """The settings that lead to all of them."""
        return {f"KLIMAMONITOR_{name.upper()}_URL": self.url(name) for name in BASE_PATHS}

    def url(self, provider: str) -> str:
        """A provider's base address; it stays the same while the provider is down."""
        return f"http://127.0.0.1:{self._ports[provider]}{BASE_PATHS[provider]}"

    def asked(self, provider: str) -> list[Seen]:
        """The requests that one provider got."""
        return [seen for seen in self.requests if seen.provider == provider]

    def fail(self, provider: str, match: Match, *faults: Fault, times: int | None = None) -> Rule:
        """Put the matching answers through the faults, in order; the newest rule is asked first."""

        def fault(answer: Answer) -> Answer:
            for step in faults:
                answer = step(answer)
            return answer

        return self._add(provider, Rule(match, fault=fault, left=times))

    def mishear(
        self, provider: str, match: Match, rewrite: Rewrite, times: int | None = None
    ) -> Rule:
        """Answer matching requests as if another one had come."""
        return self._add(provider, Rule(match, rewrite=rewrite, left=times))

    def add(self, provider: str, answering: Callable[[Request], Answer | None]) -> None:
        """Have a provider offer more than the snapshot holds; None leaves the request to that."""
        self._added[provider] = answering

    def heal(self, provider: str | None = None) -> None:
        """Forget the faults of one provider or of all, and start those that are down."""
        for name in [provider] if provider else list(BASE_PATHS):
            with self._lock:
                self._rules[name].clear()
            self.up(name)

    def down(self, provider: str) -> None:
        """Refuse connections until ``up`` or ``heal``."""
        server = self._servers.pop(provider, None)
        if server is not None:
            server.stop()

    def up(self, provider: str) -> None:
        """Listen again, at the same address."""
        if provider not in self._servers:
            server = _Server(self, provider, self._ports.get(provider, 0))
            self._servers[provider] = server
            self._ports[provider] = server.server_address[1]

    def close(self) -> None:
        """Stop all; what hangs is let go."""
        self._stopping.set()
        for provider in BASE_PATHS:
            self.down(provider)

    def respond(self, provider: str, request: Request) -> Answer:
        """Record the request and answer it, faults applied."""
        seen = Seen(
            time.monotonic(),
            provider,
            request.method,
            request.path,
            dict(request.query),
            request.body,
            dict(request.headers),
        )
        with self._lock:
            self.requests.append(seen)
            rules = [rule for rule in reversed(self._rules[provider]) if rule.applies(request)]
        for rule in rules:
            request = rule.rewrite(request) if rule.rewrite else request
        answer = self._honest(provider, request)
        for rule in rules:
            answer = rule.fault(answer) if rule.fault else answer
        return answer if isinstance(answer, Delivery) else with_length(answer)

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than the providers live."""
        self._stopping.wait(seconds)

    def _honest(self, provider: str, request: Request) -> Answer:
        added = self._added.get(provider, lambda _request: None)(request)
        if added is not None:
            return with_entity_tag(request, added)
        if provider == "statbank" and self.cell_limit != CELL_LIMIT:
            return with_entity_tag(request, statbank.answer(request, self.cell_limit))
        return snapshot_answer(provider, request)

    def _add(self, provider: str, rule: Rule) -> Rule:
        with self._lock:
            self._rules[provider].append(rule)
        return rule


class _Server(http.server.ThreadingHTTPServer):
    """One provider's socket and the thread that listens on it."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, providers: Providers, provider: str, port: int) -> None:
        handler = type("Handler", (_Handler,), {"providers": providers, "provider": provider})
        super().__init__(("127.0.0.1", port), handler)
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that going down ends kept-alive ones too."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the play."""

    def stop(self) -> None:
        """Close the listening socket and every open connection."""
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)


class _Handler(http.server.BaseHTTPRequestHandler):
    """Reads a request, asks ``Providers`` for the answer and delivers it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    providers: ClassVar[Providers]
    provider: ClassVar[str]

    def do_GET(self) -> None:
        """Answer a GET."""
        self._deliver(self.providers.respond(self.provider, self._read()))

    def do_POST(self) -> None:
        """Answer a POST."""
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' name
        """Stay quiet."""

    def _read(self) -> Request:
        address = urlsplit(self.path)
        return Request(
            method=self.command,
            path=unquote(address.path).removeprefix(BASE_PATHS[self.provider]),
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def _deliver(self, answer: Answer) -> None:
        delivery = answer if isinstance(answer, Delivery) else Delivery.of(answer)
        if delivery.hang_seconds:
            self.providers.wait(delivery.hang_seconds)
        self.send_response(delivery.status)
        for name, value in delivery.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(delivery.body[: delivery.cut_after])
        self.wfile.flush()
        if delivery.cut_after is not None:
            self._break_off(is_reset=delivery.is_reset)

    def _break_off(self, *, is_reset: bool) -> None:
        """End the connection early: orderly, or with a reset as after a crash."""
        self.close_connection = True
        if is_reset:
            time.sleep(0.02)  # lets the bytes sent so far reach the client before the reset
            linger_zero = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
            self.connection.close()


@contextlib.contextmanager
def running(cell_limit: int = CELL_LIMIT) -> Iterator[Providers]:
    """The providers, closed afterwards."""
    providers = Providers(cell_limit)
    try:
        yield providers
    finally:
        providers.close()
