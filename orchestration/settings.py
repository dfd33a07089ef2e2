"""The only reader of the environment. Every variable is listed in ``.env.example``."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from ingestion.declaration import provider_urls
from warehouse import failpoints
from warehouse.days import COPENHAGEN
from warehouse.layout import Layout

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
Transport = Literal["snapshot", "live"]


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

    @property
    def layout(self) -> Layout:
        """The state root's paths."""
        return Layout(self.home)

    def now(self) -> datetime:
        """The clock: the declared moment for tests and replays, else the time, in UTC."""
        return self.as_of or datetime.now(UTC)

    def today(self) -> date:
        """The day it is in Denmark."""
        return self.now().astimezone(COPENHAGEN).date()

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
        klimaregnskabet_key=env.get("KLIMAMONITOR_KLIMAREGNSKABET_KEY") or None,
        as_of=_as_of(env),
        failpoint=_failpoint(env),
        postgres_dsn=env.get("KLIMAMONITOR_POSTGRES_DSN") or None,
    )


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
