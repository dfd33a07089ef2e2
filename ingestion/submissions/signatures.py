"""Two named people stand by a report: who prepared it, who approved it, and when."""

from collections.abc import Iterator, Mapping, Sequence

from ingestion.submissions.findings import Finding, finding
from ingestion.submissions.form_checks import ANSWER
from ingestion.submissions.rows import Row, unanswered
from ingestion.submissions.values import Value
from ingestion.submissions.wording import danish_date
from ingestion.text import one_line

SIGNATURES = frozenset(
    {
        "prepared_by",
        "prepared_by_mail",
        "prepared_on",
        "approved_by",
        "approved_by_mail",
        "approved_on",
    }
)


def signature_findings(rows: Sequence[Row]) -> Iterator[Finding]:
    """Signatures that are missing, by one person, or in the wrong order.

    Args:
        rows: the rows of the sheet Kommune.
    """
    by_key = {row.key: row for row in rows}
    for row, name, answer in unanswered(rows):
        if row.key in SIGNATURES and row.fixed:
            label = row.fixed.labels["label"]
            yield finding("not-signed", answer.place, field=name, label=label)
    prepared, approved = _value(by_key, "prepared_by"), _value(by_key, "approved_by")
    if prepared and approved and _folded(prepared) == _folded(approved):
        place = by_key["approved_by"].answers[ANSWER].place
        yield finding("signed-by-one-person", place, field=ANSWER)
    yield from _order(by_key)


def _order(by_key: Mapping[str, Row]) -> Iterator[Finding]:
    prepared, approved = _value(by_key, "prepared_on"), _value(by_key, "approved_on")
    if not prepared or not approved or prepared.day is None or approved.day is None:
        return
    if approved.day < prepared.day:
        yield finding(
            "dates-reversed",
            by_key["approved_on"].answers[ANSWER].place,
            field=ANSWER,
            found=danish_date(approved.day),
            earlier=danish_date(prepared.day),
        )


def _value(by_key: Mapping[str, Row], key: str) -> Value | None:
    row = by_key.get(key)
    return row.value(ANSWER) if row else None


def _folded(value: Value) -> str:
    return one_line(value.text or "").casefold()
