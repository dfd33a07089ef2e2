"""Which expected figures StatBank has published since the last night, for one request."""

from ingestion.declaration import Source, load_sources
from ingestion.protocols import statbank
from orchestration.intake import Intake
from orchestration.settings import Settings
from orchestration.source_states import source_state

PROVIDER = "statbank"
# StatBank publishes at eight in the morning.
FROM_HOUR, TO_HOUR = 8, 16
DAYS_LOOKED_BACK = 2


def announced(settings: Settings) -> dict[str, str]:
    """Sources whose expected figures are out, and when they were updated.

    Nobody is asked while nothing is expected, nor outside of the hours in which StatBank publishes.

    Raises:
        SourceError: StatBank does not answer, or with something else than tables.
    """
    is_open = FROM_HOUR <= settings.local_now().hour < TO_HOUR
    expected = _expected(settings) if settings.transport == "live" and is_open else {}
    if not expected:
        return {}
    access = Intake(settings, "announcements").access(PROVIDER)
    changed = statbank.changed_tables(access, DAYS_LOOKED_BACK)
    return {
        source.id: changed[source.table]
        for source, known in expected.items()
        if changed.get(source.table, known) != known
    }


def _expected(settings: Settings) -> dict[Source, str | None]:
    """Sources whose next figures should be out by today, and the update that is in force."""
    found = {}
    for source in load_sources():
        if source.provider != PROVIDER:
            continue
        state = source_state(settings, source)
        due = state.next_expected_date
        if state.release and due and due <= settings.today():
            found[source] = state.release.provider_updated_at
    return found
