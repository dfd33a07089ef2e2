"""Alerts in Danish: what happened, and what to do; what readers see is said once for all.

The machine's own words, which are English, are quoted as such.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ingestion.submissions.wording import danish_date
from orchestration.source_states import SourceState
from warehouse.days import COPENHAGEN, day_of

LONGEST_QUOTE = 600
TROUBLE = {
    "quarantined": "leverede tal, der ikke kunne godtages",
    "failed": "kunne ikke hentes",
    "held": "er holdt tilbage",
    "stale": "er forældet: mindst én ventet offentliggørelse er udeblevet",
    "retired": "opdateres ikke længere af udbyderen",
}
TO_DO = {
    "quarantined": "Følg docs/runbook/put-right-a-quarantined-source.md.",
    "failed": "Vent en nat. Svarer udbyderen stadig ikke, så spørg den.",
    "held": "Se `klimamonitor sources --drift`.",
    "stale": "Se efter på udbyderens side, om nye tal er udkommet et andet sted.",
    "retired": "Find tabellens efterfølger, og opret den som ny kilde (CONTRIBUTING.md).",
}


def run_held(run: Mapping[str, Any]) -> str:
    """A draft did not pass the gates."""
    accept = (
        " Er tallene rigtige, kan en navngiven person godtage dem denne ene gang: "
        "`klimamonitor release --by NAVN --reason GRUND`."
    )
    can_accept = accept if run["holds"] else ""
    return (
        f"Udgivelsen er holdt tilbage (kørsel {run['run_id']}). {_quote(run['reason'])}\n"
        "Gør: se `klimamonitor status` og docs/runbook/put-right-a-held-publication.md."
        f"{can_accept}"
    )


def run_failed(run: Mapping[str, Any]) -> str:
    """A run broke."""
    return (
        f"Kørslen {run['run_id']} er brudt sammen. {_quote(run['reason'])}\n"
        "Gør: se `klimamonitor status`; næste kørsel rydder op og begynder forfra af sig selv."
    )


def source_in_trouble(state: SourceState, word: str) -> str:
    """A source that does not bring what it should; ``word`` is the state that is meant."""
    newest = " Kilden har endnu ingen godtagne tal."
    if state.release:
        newest = f" De seneste godtagne tal ({state.release.latest_period}) gælder fortsat."
    return (
        f"Kilden {state.source.title_da} ({state.source.id}) {TROUBLE[word]}."
        f"{newest} {_quote(state.reason)}\nGør: {TO_DO[word]}"
    )


def postgres_behind(serving: Mapping[str, Any]) -> str:
    """PostgreSQL serves an older publication than the files."""
    return (
        f"PostgreSQL viser ikke den gældende udgivelse, men {serving['version'] or 'ingen'}. "
        f"{_quote(serving['reason'])}\nGør: se docs/runbook/serve-from-postgresql.md; næste kørsel "
        "prøver igen."
    )


def scheduler_stopped(last: datetime | None, hours: float) -> str:
    """No run has begun for longer than it should take to the next one."""
    since = f"siden {_moment(last)}" if last else "endnu"
    return (
        f"Den planlagte kørsel er udeblevet: ingen kørsel er begyndt {since}, og der skulle være "
        f"en mindst hver {hours:g}. time.\nGør: start tidsplanen igen "
        "(docs/runbook/run-every-night.md), og kør `klimamonitor refresh`."
    )


def daemon_stopped(last: datetime) -> str:
    """Dagster's daemon gives no sign of life, so no schedule and no sensor starts anything."""
    return (
        f"Dagsters daemon er standset: dens sidste livstegn kom {_moment(last)}. Nattens kørsel og "
        "indbakken går i gang igen, når den kører.\nGør: start den "
        "(docs/runbook/run-every-night.md)."
    )


def run_stuck(run_id: str, hours: float) -> str:
    """A run holds the state root for longer than any run takes."""
    return (
        f"Kørslen {run_id} har været i gang i over {hours:g} timer.\n"
        "Gør: se, hvad processen venter på; dræbes den, gør næste kørsel arbejdet færdigt."
    )


def over(text: str) -> str:
    """A matter that was told of is over; its first sentence says which."""
    return f"Løst: {text.splitlines()[0]}"


def readers_see(manifest: Mapping[str, Any] | None) -> str:
    """What readers see meanwhile."""
    if manifest is None:
        return "Læserne ser endnu ingen udgivelse."
    day = danish_date(day_of(manifest["published_at"]))
    return f"Læserne ser udgivelsen {manifest['version']} fra {day}."


def subject(events: Sequence[str]) -> str:
    """How many matters began, and how many are over."""
    began, ended = events.count("raised"), events.count("recovered")
    told = [f"{began} {'ny sag' if began == 1 else 'nye sager'}"] * bool(began)
    told += [f"{ended} løst"] * bool(ended)
    return f"klimamonitor: {', '.join(told)}"


def _quote(words: str) -> str:
    plain = " ".join(words.split())
    shown = plain if len(plain) <= LONGEST_QUOTE else f"{plain[:LONGEST_QUOTE]} …"
    return f"Programmets egne ord: »{shown}«" if shown else ""


def _moment(moment: datetime) -> str:
    there = moment.astimezone(COPENHAGEN)
    return f"{danish_date(there.date())} kl. {there:%H.%M}"
