"""Reading a recorded sample of a source by its declaration."""

import base64
import json
from pathlib import Path

from ingestion.casting import Cast, require_no_findings
from ingestion.declaration import Source
from ingestion.protocols import protocol_for
from tests.ingestion.reading import cast_text


def read_sample(path: Path, source: Source) -> Cast:
    """Parse and cast what the provider once answered; raises what a night would raise."""
    sample = json.loads(path.read_text(encoding="utf-8"))
    written = sample.get("answer_base64")
    answer = base64.b64decode(written) if written else sample["answer"].encode("utf-8")
    text = protocol_for(source).parse(source, answer, sample["request"])
    # A data set is asked for its declared columns only; those were declared when it was recorded.
    if source.request.protocol == "energidataservice":
        text = text[[c.provider_name for c in source.columns if c.provider_name in text]]
    found = cast_text(source, text)
    require_no_findings(found, source)
    return found
