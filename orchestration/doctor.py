"""Is this machine ready for tonight? Each thing that a night needs, looked at, with what to do.

Nothing is changed but the state root's own folders, which are made, and a file that is written and
removed there. Providers, PostgreSQL
and the alert channels are asked only when that is wanted.
"""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from ingestion.declaration import load_sources
from orchestration.reports import sources_report
from orchestration.settings import PROJECT, Settings, unknown_variables
from warehouse import publications
from warehouse.damage import damage_of
from warehouse.layout import StateRootError
from warehouse.run_lock import holder

Verdict = Literal["ok", "warning", "fault"]
LEAST_FREE, ENOUGH_FREE = 500_000_000, 2_000_000_000
LEAST_MEMORY, ENOUGH_MEMORY = 800_000_000, 1_500_000_000
PIN = re.compile(r"^([a-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
OPEN_TO_OTHERS = 0o077
KEY = "KLIMAMONITOR_KLIMAREGNSKABET_KEY"
ALERTS = "KLIMAMONITOR_ALERT_WEBHOOK or KLIMAMONITOR_ALERT_MAIL_TO"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: how it is, and what to do when it is not well."""

    name: str
    verdict: Verdict
    found: str
    to_do: str = ""


def look_at_all(settings: Settings, *, is_online: bool) -> list[Check]:
    """Every check, those that ask others only when ``is_online``."""
    looks: list[Callable[[Settings], Iterator[Check]]] = [
        _python,
        _variables,
        _secrets,
        _state_root,
        _space,
        _memory,
        _publication,
        _project,
        _running,
    ]
    if is_online:
        looks += [_providers, _postgres, _channels]
    return [check for look in looks for check in look(settings)]


def _python(_settings: Settings) -> Iterator[Check]:
    found = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    wrong = [told for name, wanted in _pins() if (told := _differs(name, wanted))]
    do = "Run `make setup`: it installs what requirements.lock says."
    yield Check("packages", "warning" if wrong else "ok", "; ".join([found, *wrong[:5]]), do)


def _pins() -> list[tuple[str, str]]:
    """Unconditional pins of the lock; others depend on the machine."""
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    return [(name, wanted) for name, wanted, condition in PIN.findall(text) if not condition]


def _differs(name: str, wanted: str) -> str | None:
    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{name} is missing"
    return None if found == wanted else f"{name} is {found}, the lock says {wanted}"


def _variables(_settings: Settings) -> Iterator[Check]:
    unknown = unknown_variables()
    do = "Compare with .env.example; a misspelt name is as good as none."
    told = f"nobody reads {', '.join(unknown)}" if unknown else "every variable is known"
    yield Check("settings", "warning" if unknown else "ok", told, do)


def _secrets(settings: Settings) -> Iterator[Check]:
    """What is missing for what is switched on; a feature that is off needs nothing."""
    is_live = settings.transport == "live"
    channels = settings.alert_webhook or settings.alert_mail_to
    missing = {
        KEY: "Klimaregnskabet is not configured, so emissions age",
        ALERTS: "nobody is told of trouble",
    }
    there = {KEY: settings.klimaregnskabet_key, ALERTS: channels}
    for name, effect in missing.items():
        if is_live and not there[name]:
            do = f"Set it; until then {effect}."
            yield Check("secrets", "warning", f"{name} is not set", do)
    if not is_live or all(there.values()):
        yield Check("secrets", "ok", f"all that {settings.transport} needs")


def _state_root(settings: Settings) -> Iterator[Check]:
    home = settings.home
    do = "Make it writable for the user that runs the nights, on a local disk that knows links."
    try:
        settings.layout.prepare()
        _try_writing(home)
    except StateRootError as error:
        yield Check("state root", "fault", str(error))
        return
    except OSError as error:
        yield Check("state root", "fault", f"{home} cannot be written: {error}", do)
        return
    yield Check("state root", "ok", f"{home} can be written, renamed in, and linked in")
    private = settings.layout.private
    if private.exists() and private.stat().st_mode & OPEN_TO_OTHERS:
        told = f"{private} can be read by others; it holds names and mail addresses"
        yield Check("privacy", "fault", told, f"chmod 700 {private}")


def _try_writing(home: Path) -> None:
    """What every publication needs of the file system: write, fsync, rename, a symbolic link."""
    probe, named, link = (home / f".doctor-{os.getpid()}-{part}" for part in ("a", "b", "c"))
    try:
        with probe.open("wb") as handle:
            handle.write(b"x")
            os.fsync(handle.fileno())
        probe.rename(named)
        link.symlink_to(named.name)
    finally:
        for path in (probe, named, link):
            path.unlink(missing_ok=True)


def _space(settings: Settings) -> Iterator[Check]:
    if not settings.home.exists():
        return
    free = shutil.disk_usage(settings.home).free
    verdict: Verdict = "fault" if free < LEAST_FREE else "warning" if free < ENOUGH_FREE else "ok"
    yield Check("disk", verdict, f"{free / 1e9:.1f} GB free", "Free some space, or move the root.")


def _memory(_settings: Settings) -> Iterator[Check]:
    size = _memory_bytes()
    verdict: Verdict = (
        "fault" if size < LEAST_MEMORY else "warning" if size < ENOUGH_MEMORY else "ok"
    )
    do = "A run needs about 1 GB. Give the machine or its container more."
    yield Check("memory", verdict, f"{size / 1e9:.1f} GB", do)


def _memory_bytes() -> int:
    """What this process may use: the machine's memory, or the container's limit below it."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in map(Path, CGROUP_LIMITS):
        if path.exists() and (limit := path.read_text(encoding="utf-8").strip()).isdigit():
            size = min(size, int(limit))
    return size


def _publication(settings: Settings) -> Iterator[Check]:
    layout = settings.layout
    manifest = publications.current_manifest(layout)
    if manifest is None:
        told = "readers see none yet"
        yield Check("publication", "warning", told, "Run `klimamonitor refresh`.")
        return
    damage = damage_of(layout.current)
    told = "; ".join(damage) if damage else f"{manifest['version']} is whole"
    do = "The next run points readers at a whole one; restore this one from a backup."
    yield Check("publication", "fault" if damage else "ok", told, do)
    if manifest["published_at"] > settings.now().isoformat():
        told = f"the clock is behind the last publication ({manifest['published_at']})"
        yield Check("clock", "warning", told, "Set the machine's clock.")


def _project(settings: Settings) -> Iterator[Check]:
    """Declarations without their other files, and decisions that nobody has taken."""
    chains = sources_report(settings)
    wrong = [f"{chain['source_id']}: {lack}" for chain in chains for lack in chain["missing"]]
    told = "; ".join(wrong) if wrong else f"{len(chains)} sources, each with all its files"
    yield Check("project", "warning" if wrong else "ok", told, "See `klimamonitor sources`.")


def _running(settings: Settings) -> Iterator[Check]:
    running = holder(settings.layout.run_lock)
    yield Check("runs", "ok", f"{running} is running now" if running else "none is running")


def _providers(settings: Settings) -> Iterator[Check]:
    """The first source of every provider that is asked tonight is looked at, as a night would."""
    from ingestion.errors import NotConfiguredError, SourceError
    from ingestion.protocols import protocol_for
    from ingestion.transport import is_embedded
    from orchestration.intake import Intake

    intake = Intake(settings, "doctor")
    is_live = settings.transport == "live"
    asked = [source for source in load_sources() if is_live or is_embedded(source)]
    first = {source.provider: source for source in reversed(asked)}
    for provider, source in sorted(first.items()):
        name, do = f"provider {provider}", "Try again; then look at the provider's own page."
        try:
            protocol_for(source).look(source, intake.access(provider))
        except NotConfiguredError as error:
            yield Check(name, "warning", error.message, error.hint)
        except SourceError as error:
            yield Check(name, "fault", error.message, error.hint or do)
        else:
            where = "the embedded snapshot" if settings.transport == "snapshot" else "the provider"
            yield Check(name, "ok", f"{where} answered for {source.id}")


def _postgres(settings: Settings) -> Iterator[Check]:
    from warehouse.postgres import Address, ServingError, connected

    if settings.postgres_dsn is None:
        yield Check("PostgreSQL", "ok", "not asked to serve")
        return
    do = "Follow docs/runbook/serve-from-postgresql.md."
    try:
        with connected(Address.parse(settings.postgres_dsn)) as cursor:
            cursor.execute("select current_setting('server_version'), current_user")
            told, user = cursor.fetchone()
    except ServingError as error:
        yield Check("PostgreSQL", "fault", str(error), do)
    else:
        yield Check("PostgreSQL", "ok", f"version {told} answered {user}")


def _channels(settings: Settings) -> Iterator[Check]:
    from orchestration.alert_channels import ChannelError, channels

    text = "Prøve: sådan ser en besked fra klimamonitor ud. Der er intet at gøre."
    for name, send in channels(settings):
        try:
            send("klimamonitor: prøve", text, [])
        except ChannelError as error:
            yield Check(f"alerts by {name}", "fault", str(error), "Compare with .env.example.")
        else:
            yield Check(f"alerts by {name}", "ok", "a trial message was sent")
