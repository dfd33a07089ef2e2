"""The only reader of the environment. Every variable is listed in ``.env.example``."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from ingestion.declaration import provider_urls
from warehouse import failpoints
from warehouse.days import COPENHAGEN
from warehouse.layout import Layout

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
Transport = Literal["snapshot", "live"]
AlertFormat = Literal["json", "slack", "teams"]
LogFormat = Literal["text", "json"]
# Webhooks that want a shape of their own, by the end of their host's name.
KNOWN_WEBHOOKS: Mapping[str, AlertFormat] = {
    "hooks.slack.com": "slack",
    "webhook.office.com": "teams",
    "logic.azure.com": "teams",
    "powerplatform.com": "teams",
}


MOST_PAUSES, LONGEST_PAUSE = 5, 3600
MAIL_TO = "KLIMAMONITOR_ALERT_MAIL_TO"
SECRETS = frozenset(
    {
        "KLIMAMONITOR_ALERT_WEBHOOK",
        "KLIMAMONITOR_DAGSTER_POSTGRES_DSN",
        "KLIMAMONITOR_KLIMAREGNSKABET_KEY",
        "KLIMAMONITOR_POSTGRES_DSN",
        "KLIMAMONITOR_SMTP_URL",
    }
)
VARIABLES = SECRETS | {
    "KLIMAMONITOR_ALERT_FORMAT",
    "KLIMAMONITOR_ALERT_MAIL_FROM",
    MAIL_TO,
    "KLIMAMONITOR_AS_OF",
    "KLIMAMONITOR_ASK_AGAIN_SECONDS",
    "KLIMAMONITOR_FAILPOINT",
    "KLIMAMONITOR_HOME",
    "KLIMAMONITOR_LOG_FORMAT",
    "KLIMAMONITOR_OTLP_ENDPOINT",
    "KLIMAMONITOR_TRANSPORT",
}


class SettingsError(ValueError):
    """A variable that cannot be understood; the message names it and what it should be."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between machines and runs."""

    home: Path
    transport: Transport
    base_urls: Mapping[str, str]
    klimaregnskabet_key: str | None
    as_of: datetime | None
    failpoint: str | None
    postgres_dsn: str | None = field(default=None, repr=False)
    dagster_postgres_dsn: str | None = field(default=None, repr=False)
    alert_webhook: str | None = field(default=None, repr=False)
    alert_format: AlertFormat = "json"
    alert_mail_to: tuple[str, ...] = ()
    alert_mail_from: str = ""
    smtp_url: str | None = field(default=None, repr=False)
    log_format: LogFormat = "text"
    otlp_endpoint: str | None = None
    ask_again_seconds: tuple[float, ...] = ()

    @property
    def layout(self) -> Layout:
        """The state root's paths."""
        return Layout(self.home)

    def now(self) -> datetime:
        """The clock: the declared moment for tests and replays, else the time, in UTC."""
        return self.as_of or datetime.now(UTC)

    def local_now(self) -> datetime:
        """The clock as it stands in Denmark."""
        return self.now().astimezone(COPENHAGEN)

    def today(self) -> date:
        """The day it is in Denmark."""
        return self.local_now().date()

    def base_url(self, provider: str) -> str:
        """Where a provider is asked; empty for one that is not asked but leaves files."""
        return self.base_urls.get(provider) or provider_urls().get(provider, "")


def load_settings(environment: Mapping[str, str] | None = None, *, live: bool = False) -> Settings:
    """Read the settings.

    Args:
        environment: variables; the process's own when None.
        live: ask the providers themselves, whatever ``KLIMAMONITOR_TRANSPORT`` says.

    Raises:
        SettingsError: naming the variable and what it should be.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("KLIMAMONITOR_HOME") or PROJECT / "data").expanduser().absolute()
    return Settings(
        home=home,
        transport="live" if live else _transport(env),
        base_urls={
            provider: value.rstrip("/")
            for provider in provider_urls()
            if (value := env.get(f"KLIMAMONITOR_{provider.upper()}_URL"))
        },
        klimaregnskabet_key=_secret(env, "KLIMAMONITOR_KLIMAREGNSKABET_KEY"),
        as_of=_as_of(env),
        failpoint=_failpoint(env),
        postgres_dsn=_secret(env, "KLIMAMONITOR_POSTGRES_DSN"),
        dagster_postgres_dsn=_secret(env, "KLIMAMONITOR_DAGSTER_POSTGRES_DSN"),
        log_format=_log_format(env),
        otlp_endpoint=_address(env, "KLIMAMONITOR_OTLP_ENDPOINT"),
        ask_again_seconds=_pauses(env, "KLIMAMONITOR_ASK_AGAIN_SECONDS"),
        **_alert_settings(env),
    )


def _log_format(env: Mapping[str, str]) -> LogFormat:
    value = env.get("KLIMAMONITOR_LOG_FORMAT") or "text"
    if value not in get_args(LogFormat):
        raise SettingsError(f"KLIMAMONITOR_LOG_FORMAT is {value!r}; it must be text or json.")
    return cast("LogFormat", value)


def _pauses(env: Mapping[str, str], name: str) -> tuple[float, ...]:
    """Seconds with commas between, such as ``60,240``; none when nothing is set.

    Raises:
        SettingsError: not numbers, more than an hour, or more than five.
    """
    written = [text.strip() for text in env.get(name, "").split(",") if text.strip()]
    try:
        pauses = tuple(float(text) for text in written)
    except ValueError:
        pauses = (-1,)
    if len(pauses) > MOST_PAUSES or any(not 0 < pause <= LONGEST_PAUSE for pause in pauses):
        raise SettingsError(
            f"{name} is {env[name]!r}; write at most {MOST_PAUSES} pauses of up to "
            f"{LONGEST_PAUSE} seconds, such as 60,240."
        )
    return pauses


def _address(env: Mapping[str, str], name: str) -> str | None:
    value = env.get(name)
    if value and not value.startswith(("http://", "https://")):
        raise SettingsError(f"{name} is {value!r}; it must begin with http:// or https://.")
    return value.rstrip("/") if value else None


def _secret(env: Mapping[str, str], name: str) -> str | None:
    """A variable, or the content of the file that the same name with ``_FILE`` names.

    Raises:
        SettingsError: both are set, or the file cannot be read.
    """
    value, file = env.get(name) or None, env.get(f"{name}_FILE") or None
    if value and file:
        raise SettingsError(f"{name} and {name}_FILE are both set; keep one.")
    if file is None:
        return value
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}_FILE: {file} cannot be read ({error}).") from error


def _alert_settings(env: Mapping[str, str]) -> dict[str, Any]:
    """Webhook and mail.

    Raises:
        SettingsError: an address that is none, or mail without a server or a sender.
    """
    webhook = _secret(env, "KLIMAMONITOR_ALERT_WEBHOOK")
    if webhook and urlsplit(webhook).scheme not in ("http", "https"):
        raise SettingsError("KLIMAMONITOR_ALERT_WEBHOOK must begin with https:// or http://.")
    smtp = _secret(env, "KLIMAMONITOR_SMTP_URL")
    if smtp and (urlsplit(smtp).scheme not in ("smtp", "smtps") or not urlsplit(smtp).hostname):
        raise SettingsError("KLIMAMONITOR_SMTP_URL must be such as smtps://user:password@host:465.")
    mail_to = tuple(filter(None, map(str.strip, env.get(MAIL_TO, "").split(","))))
    sender = env.get("KLIMAMONITOR_ALERT_MAIL_FROM", "")
    if mail_to and not (smtp and sender):
        raise SettingsError(
            f"{MAIL_TO} needs KLIMAMONITOR_SMTP_URL and KLIMAMONITOR_ALERT_MAIL_FROM."
        )
    return {
        "alert_webhook": webhook,
        "alert_format": _alert_format(env, webhook),
        "alert_mail_to": mail_to,
        "alert_mail_from": sender,
        "smtp_url": smtp,
    }


def _alert_format(env: Mapping[str, str], webhook: str | None) -> AlertFormat:
    host = urlsplit(webhook or "").hostname or ""
    known = (shape for end, shape in KNOWN_WEBHOOKS.items() if f".{host}".endswith(f".{end}"))
    value = env.get("KLIMAMONITOR_ALERT_FORMAT") or next(known, "json")
    if value not in get_args(AlertFormat):
        raise SettingsError(
            f"KLIMAMONITOR_ALERT_FORMAT is {value!r}; it must be json, slack or teams."
        )
    return cast("AlertFormat", value)


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables that look like settings and are none, such as a misspelt name."""
    env = os.environ if environment is None else environment
    known = {f"KLIMAMONITOR_{provider.upper()}_URL" for provider in provider_urls()} | VARIABLES
    known |= {f"{name}_FILE" for name in SECRETS}
    return sorted(name for name in env if name.startswith("KLIMAMONITOR_") and name not in known)


def _transport(env: Mapping[str, str]) -> Transport:
    value = env.get("KLIMAMONITOR_TRANSPORT") or "snapshot"
    if value == "live":
        return "live"
    if value == "snapshot":
        return "snapshot"
    raise SettingsError(f"KLIMAMONITOR_TRANSPORT is {value!r}; it must be snapshot or live.")


def _failpoint(env: Mapping[str, str]) -> str | None:
    value = env.get("KLIMAMONITOR_FAILPOINT") or None
    try:
        if value:
            failpoints.plan(value)
    except ValueError as error:
        raise SettingsError(f"KLIMAMONITOR_FAILPOINT: {error}. It is for tests only.") from error
    return value


def _as_of(env: Mapping[str, str]) -> datetime | None:
    value = env.get("KLIMAMONITOR_AS_OF")
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise SettingsError(
            f"KLIMAMONITOR_AS_OF is {value!r}; write 2026-11-24T02:30:00+01:00."
        ) from error
    if moment.tzinfo is None:
        raise SettingsError(
            f"KLIMAMONITOR_AS_OF is {value!r}; an offset such as +01:00 is missing."
        )
    return moment.astimezone(UTC)
