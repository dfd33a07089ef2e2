"""The snapshot as a transport of ``requests``: same addresses, same answers, no network.

Example::

    session = requests.Session()
    base_url = "https://api.statbank.dk/v1"
    session.mount(base_url, SnapshotAdapter("statbank", base_url))
"""

from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from ingestion.snapshot.protocol import Answer, Request
from ingestion.snapshot.providers import answer, require_provider


class SnapshotAdapter(BaseAdapter):
    """Answers the requests below ``base_url`` as the provider would.

    Args:
        provider: ``statbank``, ``energidataservice`` or ``klimaregnskabet``.
        base_url: the provider's base address, as configured.

    Raises:
        ValueError: unknown provider.
    """

    def __init__(self, provider: str, base_url: str) -> None:
        super().__init__()
        require_provider(provider)
        self.provider = provider
        self.base_path = unquote(urlsplit(base_url).path).rstrip("/")
        self._builder = HTTPAdapter()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the session reads the body when it is false
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Answer from the snapshot; the other arguments concern a network and are ignored."""
        given = answer(self.provider, self._read(request))
        return self._builder.build_response(request, _raw(given, request.url or ""))

    def close(self) -> None:
        """Nothing is held open."""
        self._builder.close()

    def _read(self, request: requests.PreparedRequest) -> Request:
        address = urlsplit(request.url or "")
        path = unquote(address.path).removeprefix(self.base_path)
        body = request.body or b""
        return Request(
            method=(request.method or "GET").upper(),
            path=path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): str(value) for name, value in request.headers.items()},
            body=body.encode() if isinstance(body, str) else bytes(body),
        )


def _raw(given: Answer, url: str) -> HTTPResponse:
    """A response whose body is still to be read, as it comes from a socket."""
    return HTTPResponse(
        body=BytesIO(given.body),
        headers=dict(given.headers),
        status=given.status,
        reason=HTTPStatus(given.status).phrase,
        preload_content=False,
        request_url=url,
    )
