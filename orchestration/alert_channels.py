"""Where messages go: a webhook (Teams, Slack, or plain JSON) and mail."""

import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from ingestion.http import build_session
from orchestration.settings import Settings

TIMEOUT_SECONDS = (5, 15)
SMTP_PORTS = {"smtp": 587, "smtps": 465}
Send = Callable[[str, str, list[dict[str, Any]]], None]


class ChannelError(RuntimeError):
    """A channel did not take a message; its address, which may be a secret, is not told."""


def channels(settings: Settings) -> Iterator[tuple[str, Send]]:
    """The configured channels by name; each takes subject, text, and the matters as data."""
    if settings.alert_webhook:
        yield "webhook", lambda subject, text, rows: _post(settings, subject, text, rows)
    if settings.alert_mail_to:
        yield "mail", lambda subject, text, rows: _mail(settings, subject, text)  # noqa: ARG005


def _post(settings: Settings, subject: str, text: str, rows: list[dict[str, Any]]) -> None:
    shape = PAYLOADS[settings.alert_format]
    try:
        answer = build_session().post(
            settings.alert_webhook or "", json=shape(subject, text, rows), timeout=TIMEOUT_SECONDS
        )
    except requests.exceptions.RequestException as error:
        raise ChannelError(f"the webhook did not answer ({type(error).__name__})") from error
    if not answer.ok:
        raise ChannelError(f"the webhook answered {answer.status_code}: {answer.text[:200]}")


def _plain(subject: str, text: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"subject": subject, "text": text, "alerts": rows}


def _slack(subject: str, text: str, _rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"text": f"*{subject}*\n{text}"}


def _teams(subject: str, text: str, _rows: list[dict[str, Any]]) -> dict[str, Any]:
    """An Adaptive Card, as the workflows of Teams take it."""
    blocks = [{"type": "TextBlock", "text": subject, "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": part, "wrap": True} for part in text.split("\n\n")]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


PAYLOADS = {"json": _plain, "slack": _slack, "teams": _teams}


def _mail(settings: Settings, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["To"] = subject, ", ".join(settings.alert_mail_to)
    message["From"] = settings.alert_mail_from
    message.set_content(text)
    try:
        with _server(settings.smtp_url or "") as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"the mail server refused ({type(error).__name__})") from error


def _server(address: str) -> smtplib.SMTP:
    """A connection, encrypted whenever a password goes over it.

    Raises:
        SMTPException: the server offers no encryption and a password is set.
    """
    url = urlsplit(address)
    place = (url.hostname or "localhost", url.port or SMTP_PORTS[url.scheme])
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    server = kind(*place, timeout=TIMEOUT_SECONDS[1])
    try:
        server.ehlo()
        if url.scheme == "smtp" and (url.password or server.has_extn("starttls")):
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server
