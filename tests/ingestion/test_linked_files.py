"""A file whose address changes: found by its link on a page, asked for only when it changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingestion.declaration import Source
from ingestion.errors import AnswerError, ProviderError
from ingestion.protocols import Access, file_drop
from tests.ingestion.reading import NOW, client, look_and_fetch, read_text
from tests.ingestion.test_casting import table

CSV = "AREA;KIND;TID;N;X\n101;A;2024;1234;1234,5\n"
MODIFIED = "Sun, 01 Nov 2026 09:00:00 GMT"
LINK = r"/anlaeg-([0-9]{4}-[0-9]{2})\.csv$"


def linked(server: HTTPServer, link: str = LINK) -> Source:
    dialect = {"protocol": "file_drop", "delimiter": ";", "encoding": "utf-8", "decimal_mark": ","}
    return table(request={**dialect, "page": server.url_for("/data"), "link": link})


def page(server: HTTPServer, *links: str) -> None:
    anchors = "".join(f'<li><a class="file" href="{link}">Stamdata</a></li>' for link in links)
    body = f"<html><body><ul>{anchors}</ul></body></html>"
    server.clear()
    server.expect_request("/data").respond_with_data(body, content_type="text/html")


def serve(server: HTTPServer, path: str, text: str, **validators: str) -> list[Mapping[str, Any]]:
    """A file that answers 304 to those who know it; returns the headers of what it was asked."""
    asked: list[Mapping[str, Any]] = []

    def answer(request: Request) -> Response:
        asked.append(dict(request.headers))
        known = {request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")}
        headers = {name.replace("_", "-"): value for name, value in validators.items()}
        if known & set(headers.values()):
            return Response(status=304, headers=headers)
        return Response(text, headers=headers)

    server.expect_request(path).respond_with_handler(answer)
    return asked


def access(last_stamp: str | None = None) -> Access:
    return replace(Access(client(), "", NOW), last_stamp=last_stamp)


def test_the_newest_of_several_links_is_read(httpserver: HTTPServer) -> None:
    page(
        httpserver, "/f/anlaeg-2026-02.csv", "f/anlaeg-2026-11.csv", "/f/anlaeg-2026-09.csv", "/om"
    )
    serve(httpserver, "/f/anlaeg-2026-11.csv", CSV, Last_Modified=MODIFIED)
    look, answer = look_and_fetch(linked(httpserver), access())
    assert answer.url == httpserver.url_for("/f/anlaeg-2026-11.csv")
    assert answer.request["file"] == "anlaeg-2026-11.csv"
    assert look.provider_updated_at == "2026-11-01T09:00:00+00:00"
    assert read_text(linked(httpserver), access())["AREA"].to_list() == ["101"]


@pytest.mark.parametrize("validators", [{"ETag": '"7"'}, {"Last_Modified": MODIFIED}, {}])
def test_a_file_that_is_known_is_not_sent_again(
    httpserver: HTTPServer, validators: dict[str, str]
) -> None:
    page(httpserver, "/f/anlaeg-2026-11.csv")
    asked = serve(httpserver, "/f/anlaeg-2026-11.csv", CSV, **validators)
    first = file_drop.look(linked(httpserver), access())
    again = file_drop.look(linked(httpserver), access(first.stamp))
    assert again.stamp == first.stamp
    assert (again.detail.content is None) == bool(validators)
    named = {"ETag": "If-None-Match", "Last_Modified": "If-Modified-Since"}
    assert "If-None-Match" not in asked[0]
    assert all(asked[1][named[name]] == value for name, value in validators.items())


def test_what_was_not_sent_again_can_still_be_fetched(httpserver: HTTPServer) -> None:
    page(httpserver, "/f/anlaeg-2026-11.csv")
    serve(httpserver, "/f/anlaeg-2026-11.csv", CSV, ETag='"7"')
    known = access(file_drop.look(linked(httpserver), access()).stamp)
    _look, answer = look_and_fetch(linked(httpserver), known)
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(CSV.encode()).digest()


def test_a_new_address_is_asked_without_the_old_ones_validators(httpserver: HTTPServer) -> None:
    page(httpserver, "/f/anlaeg-2026-10.csv")
    serve(httpserver, "/f/anlaeg-2026-10.csv", CSV, ETag='"7"')
    first = file_drop.look(linked(httpserver), access())
    page(httpserver, "/f/anlaeg-2026-11.csv")
    asked = serve(httpserver, "/f/anlaeg-2026-11.csv", CSV.replace("2024", "2025"), ETag='"7"')
    assert file_drop.look(linked(httpserver), access(first.stamp)).stamp != first.stamp
    assert "If-None-Match" not in asked[0]


@pytest.mark.parametrize(
    ("links", "pattern", "code"),
    [
        (["/om"], LINK, "link-missing"),
        (["/f/a.csv", "/f/b.csv"], r"\.csv$", "link-ambiguous"),
    ],
)
def test_a_page_that_changed_is_told_with_what_to_edit(
    httpserver: HTTPServer, links: list[str], pattern: str, code: str
) -> None:
    page(httpserver, *links)
    with pytest.raises(AnswerError, match="links on") as refused:
        file_drop.look(linked(httpserver, pattern), access())
    assert refused.value.code == code
    assert "request.link" in refused.value.hint


def test_a_file_that_is_gone_is_told_in_the_servers_words(httpserver: HTTPServer) -> None:
    page(httpserver, "/f/anlaeg-2026-11.csv")
    httpserver.expect_request("/f/anlaeg-2026-11.csv").respond_with_data("Væk", status=404)
    with pytest.raises(ProviderError, match="404: Væk"):
        file_drop.look(linked(httpserver), access())


def test_a_login_page_in_place_of_the_file_is_refused(httpserver: HTTPServer) -> None:
    page(httpserver, "/f/anlaeg-2026-11.csv")
    serve(httpserver, "/f/anlaeg-2026-11.csv", "<!DOCTYPE html><html>Log ind</html>")
    with pytest.raises(AnswerError, match="web page"):
        look_and_fetch(linked(httpserver), access())
