"""The newest figures of a table that is being drafted, and what they say of its measures."""

import math
from collections.abc import Mapping
from typing import Any

from ingestion.casting import NO_NAMES, cast, require_no_findings
from ingestion.declaration import Source
from ingestion.drafting import Draft, Sample
from ingestion.geography import KNOWN_MUNICIPALITIES
from ingestion.protocols import Access, Answer, Look, protocol_for

COUNTED = "number"


def sampled(
    source: Source,
    access: Access,
    description: dict[str, Any],
    look: Look | None = None,
    answer: Answer | None = None,
    spellings: Mapping[str, str] = NO_NAMES,
) -> Sample:
    """Fetch what a drafted declaration asks for and read it by the draft.

    Args:
        source: the drafted declaration.
        access: how the provider is reached.
        description: the provider's own of the table.
        look: what a look at the source told, where it is more than the description.
        answer: what the provider answered already, where the whole would be too much.
        spellings: code by every name of a municipality.

    Raises:
        SourceError: the provider does not answer, or answers something else than it describes.
    """
    protocol = protocol_for(source)
    answer = answer or protocol.fetch(source, access, look or Look("", detail=description))
    text = protocol.parse(source, answer.content, answer.request)
    found = cast(text, source, protocol.conventions(source), KNOWN_MUNICIPALITIES, spellings)
    require_no_findings(found, source)
    return Sample(answer, description, found.frame)


def with_what_was_seen(declaration: dict[str, Any], notes: dict[str, str], sample: Sample) -> Draft:
    """The draft with type, range and nullability of every measure, each range with a question."""
    columns, asked = [], dict(notes)
    for column in declaration["columns"]:
        told: dict[str, Any] = {}
        if column.get("unit") is not None:
            told, asked[f"columns.{column['name']}.maximum"] = _seen(column, sample)
        columns.append(column | told)
    return Draft(declaration | {"columns": columns}, asked, sample)


def _seen(column: dict[str, Any], sample: Sample) -> tuple[dict[str, Any], str]:
    cells = sample.frame[column["name"]].dropna()
    is_counted = column["unit"] == COUNTED and bool((cells == cells.round()).all())
    least, most = (float(cells.min()), float(cells.max())) if len(cells) else (0.0, 0.0)
    told = {
        "type": "integer" if is_counted or column["type"] == "integer" else "decimal",
        "minimum": 0 if least >= 0 else -_roomy(-least),
        "maximum": 100 if column["unit"] == "%" and 0 <= least <= most <= 100 else _roomy(most),
        "nullable": len(cells) < len(sample.frame),
    }
    if cells.empty:
        return told, "no figure was seen; is the column needed?"
    seen = f"{len(cells)} figures from {least:,.6g} to {most:,.6g} were seen"
    return told, f"{seen}; what is possible?"


def _roomy(value: float) -> int:
    """A round number of at least ten times the value."""
    return int(10 ** math.ceil(math.log10(max(value, 0.1) * 10)))
