"""An answer becomes a landed file with its sidecar."""

from ingestion.protocols import Answer, Look
from orchestration.visit import Visit
from warehouse import landing
from warehouse.landing import Landed


def land(visit: Visit, look: Look, answer: Answer, *, is_packed: bool = False) -> Landed:
    """Keep an answer's bytes, packed where there are many alike, and what is known of it."""
    landed = Landed(
        source_id=visit.source.id,
        release_id=landing.release_id_of(answer.content),
        extension=answer.extension,
        url=answer.url,
        request=answer.request,
        retrieved_at=visit.settings.now().isoformat(),
        provider_updated_at=look.provider_updated_at,
        transport=visit.settings.transport,
        licence=visit.source.publisher.licence,
        size_bytes=len(answer.content),
        is_packed=is_packed,
    )
    landing.land(visit.settings.layout, landed, answer.content)
    return landed
