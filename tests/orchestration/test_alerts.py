"""Who must be told is told once, and once more when it is over, by every channel there is."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from orchestration.alerts import standing_matters, tell, tell_after_run
from orchestration.settings import Settings, SettingsError, load_settings
from tests.orchestration.conftest import settings_for
from warehouse import outcomes
from warehouse.accepted import Release
from warehouse.alert_log import alerts, open_alerts
from warehouse.durable import write_json
from warehouse.outcomes import Outcome, RunRecord, ServingRecord

SOURCE = "statbank_bil54"
NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


class Hook:
    """A webhook that remembers what it was sent, and may be down."""

    def __init__(self, server: HTTPServer) -> None:
        self.status = 200
        self.posts: list[dict[str, Any]] = []
        server.expect_request("/hook").respond_with_handler(self._take)
        self.url = server.url_for("/hook")

    def _take(self, request: Request) -> Response:
        if self.status == 200:
            self.posts.append(request.get_json())
        return Response("nej", status=self.status)

    def keys(self) -> list[list[tuple[str, str]]]:
        return [[(a["key"], a["event"]) for a in post["alerts"]] for post in self.posts]


@pytest.fixture
def hook(httpserver: HTTPServer) -> Hook:
    return Hook(httpserver)


@pytest.fixture
def settings(tmp_path: Path, hook: Hook) -> Settings:
    return settings_for(tmp_path / "data", KLIMAMONITOR_ALERT_WEBHOOK=hook.url)


def ended(settings: Settings, result: str, reason: str = "", **more: Any) -> None:
    at = settings.now().isoformat()
    run = RunRecord(f"run-{result}", at, at, result, None, reason, "live", None, **more)
    outcomes.record_run(settings.layout, run)


def looked(settings: Settings, result: str, reason: str | None = None) -> None:
    at = settings.now().isoformat()
    row = Outcome("run", SOURCE, at, result, reason=reason, transport="live")
    outcomes.record(settings.layout, row)


def accepted(settings: Settings, period: str, transport: str = "live") -> None:
    folder = settings.layout.accepted / SOURCE
    release = Release(
        SOURCE, "r" * 64, NIGHT.isoformat(), "d", None, True, period, 1, 1, 0, transport
    )
    write_json(folder / "20261124.json", vars(release))


def test_a_held_publication_is_told_once_with_what_readers_see_and_what_to_do(
    settings: Settings, hook: Hook
) -> None:
    ended(settings, "held", "gate 3: fct_emission: 12 rows fewer", holds=({"rule": "rows"},))
    tell_after_run(settings)
    ended(settings, "held", "gate 3: fct_emission: 12 rows fewer", holds=({"rule": "rows"},))
    tell_after_run(settings)
    (post,) = hook.posts
    assert post["subject"] == "klimamonitor: 1 ny sag"
    assert "Udgivelsen er holdt tilbage (kørsel run-held)." in post["text"]
    assert "»gate 3: fct_emission: 12 rows fewer«" in post["text"]
    assert "klimamonitor release --by NAVN" in post["text"]
    assert "Læserne ser endnu ingen udgivelse." in post["text"]


def test_what_is_over_is_told_once(settings: Settings, hook: Hook) -> None:
    ended(settings, "held")
    tell_after_run(settings)
    ended(settings, "published")
    tell_after_run(settings)
    tell_after_run(settings)
    assert hook.keys() == [[("run:held", "raised")], [("run:held", "recovered")]]
    assert hook.posts[1]["subject"] == "klimamonitor: 1 løst"
    assert hook.posts[1]["text"].startswith("Løst: Udgivelsen er holdt tilbage")
    assert open_alerts(settings.layout) == {}


def test_a_failure_after_a_hold_is_another_matter_and_both_end_together(
    settings: Settings, hook: Hook
) -> None:
    for result in ("held", "failed", "held", "taken in", "unchanged"):
        ended(settings, result)
        tell_after_run(settings)
    assert hook.keys() == [
        [("run:held", "raised")],
        [("run:failed", "raised")],
        [("run:held", "recovered"), ("run:failed", "recovered")],
    ]


def test_a_source_in_trouble_and_stale_is_two_matters(settings: Settings, hook: Hook) -> None:
    accepted(settings, "2024M01")
    looked(settings, "unchanged")
    tell_after_run(settings)
    looked(settings, "failed", "429: Rate limit is exceeded.")
    tell_after_run(settings)
    looked(settings, "quarantined", "missing DRIV")
    tell_after_run(settings)
    looked(settings, "accepted")
    accepted(settings, "2026M11")
    tell_after_run(settings)
    stale, failed, quarantined = (
        f"source:{SOURCE}:{w}" for w in ("stale", "failed", "quarantined")
    )
    assert hook.keys() == [
        [(stale, "raised")],
        [(failed, "raised")],
        [(quarantined, "raised"), (failed, "recovered")],
        [(stale, "recovered"), (quarantined, "recovered")],
    ]
    assert "(2024M01) gælder fortsat" in hook.posts[0]["text"]
    assert "»429: Rate limit is exceeded. Figures up to" in hook.posts[1]["text"]
    assert "put-right-a-quarantined-source.md" in hook.posts[2]["text"]


def test_old_figures_of_the_embedded_snapshot_wake_nobody(settings: Settings, hook: Hook) -> None:
    accepted(settings, "2019M01", transport="snapshot")
    looked(settings, "unchanged")
    tell_after_run(settings)
    assert hook.posts == []


def test_postgres_behind_is_told(settings: Settings, hook: Hook) -> None:
    served = replace(settings, postgres_dsn="postgresql://x@localhost/x")
    row = ServingRecord("run", served.now().isoformat(), "failed", "v1", "connection refused")
    outcomes.record_serving(served.layout, row)
    tell_after_run(served)
    assert hook.keys() == [[("postgres", "raised")]]
    assert "connection refused" in hook.posts[0]["text"]


def test_a_message_that_no_channel_took_is_sent_by_the_next_run(
    settings: Settings, hook: Hook
) -> None:
    ended(settings, "failed", "disk")
    hook.status = 503
    tell_after_run(settings)
    assert hook.posts == []
    (unsent,) = alerts(settings.layout)
    assert (unsent.event, unsent.sent) == ("unsent", ())
    assert "503" in unsent.failed[0]
    assert hook.url not in unsent.failed[0], "an address may be a secret"
    hook.status = 200
    tell_after_run(settings)
    tell_after_run(settings)
    assert hook.keys() == [[("run:failed", "raised")]]


def test_a_webhook_that_is_not_there_changes_nothing_else(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, KLIMAMONITOR_ALERT_WEBHOOK="http://127.0.0.1:9/hook")
    ended(settings, "failed")
    tell_after_run(settings)
    assert "did not answer" in alerts(settings.layout)[0].failed[0]


def test_trouble_in_telling_is_logged_and_changes_nothing(
    settings: Settings, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    ended(settings, "failed")
    (settings.layout.outcomes / "alerts.jsonl").mkdir()
    tell_after_run(settings)
    assert hook.posts == []
    assert "could not be told" in caplog.text
    assert "Is a directory" in caplog.text


def test_without_a_channel_matters_are_still_kept_for_status(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    ended(settings, "failed")
    tell_after_run(settings)
    assert set(open_alerts(settings.layout)) == {"run:failed"}


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("https://hooks.slack.com/services/T/B/X", "slack"),
        ("https://alliancen.webhook.office.com/webhookb2/x", "teams"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"),
        ("https://nothooks.slack.com.example.org/x", "json"),
    ],
)
def test_the_shape_follows_from_the_address(tmp_path: Path, url: str, shape: str) -> None:
    assert settings_for(tmp_path, KLIMAMONITOR_ALERT_WEBHOOK=url).alert_format == shape


def test_slack_and_teams_get_their_own_shape(settings: Settings, hook: Hook) -> None:
    ended(settings, "failed", "disk")
    for shape in ("slack", "teams"):
        home = settings.home.with_name(shape)
        of_shape = replace(settings, alert_format=shape, home=home)
        ended(of_shape, "failed", "disk")
        tell_after_run(of_shape)
    slack, teams = hook.posts
    assert set(slack) == {"text"}
    assert slack["text"].startswith("*klimamonitor: 1 ny sag*\nKørslen")
    (card,) = teams["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["body"][0]["text"] == "klimamonitor: 1 ny sag"


class Mailbox(socketserver.StreamRequestHandler):
    """Enough of a mail server to take a message."""

    taken: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                type(self).taken.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def mail() -> Iterator[tuple[str, list[str]]]:
    Mailbox.taken = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", Mailbox.taken
        server.shutdown()


def by_mail(home: Path, url: str) -> Settings:
    return settings_for(
        home,
        KLIMAMONITOR_SMTP_URL=url,
        KLIMAMONITOR_ALERT_MAIL_TO="nat@example.org, leder@example.org",
        KLIMAMONITOR_ALERT_MAIL_FROM="klimamonitor@example.org",
    )


def test_mail_is_sent_to_everybody_named(tmp_path: Path, mail: tuple[str, list[str]]) -> None:
    url, taken = mail
    settings = by_mail(tmp_path, url)
    ended(settings, "held", "gate 3")
    tell_after_run(settings)
    (message,) = taken
    assert "To: nat@example.org, leder@example.org" in message
    assert "Subject: klimamonitor: 1 ny sag" in message
    assert alerts(settings.layout)[0].sent == ("mail",)


def test_a_password_is_never_sent_in_the_clear(tmp_path: Path, mail: tuple[str, list[str]]) -> None:
    url, taken = mail
    settings = by_mail(tmp_path, url.replace("smtp://", "smtp://bruger:hemmelig@"))
    ended(settings, "held")
    tell_after_run(settings)
    assert taken == []
    (row,) = alerts(settings.layout)
    assert row.event == "unsent"
    assert "hemmelig" not in row.failed[0]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"KLIMAMONITOR_ALERT_WEBHOOK": "hook"}, "must begin with https"),
        ({"KLIMAMONITOR_ALERT_FORMAT": "xml"}, "json, slack or teams"),
        ({"KLIMAMONITOR_ALERT_MAIL_TO": "a@b.dk"}, "needs KLIMAMONITOR_SMTP_URL"),
        ({"KLIMAMONITOR_SMTP_URL": "mail.example.org"}, "must be such as smtps"),
        ({"KLIMAMONITOR_POSTGRES_DSN_FILE": "/nowhere"}, "_FILE: /nowhere cannot be read"),
        (
            {"KLIMAMONITOR_POSTGRES_DSN": "x", "KLIMAMONITOR_POSTGRES_DSN_FILE": "y"},
            "are both set",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named(variables: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(variables)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "dsn"
    secret.write_text("postgresql://a:b@c/d\n", encoding="utf-8")
    settings = load_settings({"KLIMAMONITOR_POSTGRES_DSN_FILE": str(secret)})
    assert settings.postgres_dsn == "postgresql://a:b@c/d"
    assert "a:b" not in repr(settings)


def test_matters_of_a_new_root_are_none(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert standing_matters(settings) == []
    assert tell(settings, []) == []
