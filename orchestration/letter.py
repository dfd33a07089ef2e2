"""What a climate coordinator reads: the answer to a submission, in Danish."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from textwrap import fill
from typing import Any

from ingestion.submissions.cells import cell_place
from warehouse.days import COPENHAGEN

WIDTH = 88
STATUS = {
    "accepted": "GODKENDT",
    "rejected": "AFVIST",
    "received": "MODTAGET",
    "superseded": "AFLØST",
    "withdrawn": "TRUKKET TILBAGE",
    "acceptable": "KAN INDSENDES",
    "not acceptable": "KAN IKKE INDSENDES ENDNU",
}
SEVERITY = {"error": "Fejl", "warning": "Advarsel"}
MOST_MISSING = 12

Row = Mapping[str, Any]


def letter(receipt: Row) -> str:
    """The answer as plain text: verdict, what counts now, every fault with its cell, what lacks.

    Args:
        receipt: a receipt, or the answer of a check, as plain data.
    """
    parts = [_heading(receipt), *_standing(receipt), *_faults(receipt["findings"])]
    parts += _missing(receipt.get("missing", []))
    return "\n".join(part for part in parts if part is not None) + "\n"


def _heading(receipt: Row) -> str:
    whose = receipt.get("municipality") or "Ukendt kommune"
    if receipt.get("form_id") == "registers":
        whose = "Sekretariatets registre"
    year = receipt.get("year") or "ukendt år"
    return f"{STATUS[receipt['status']]}: {whose}, {year}\nFil: {receipt['file']}"


def _standing(receipt: Row) -> list[str]:
    """What happened to the file, and which version counts now."""
    lines = [f"Filens fingeraftryk (SHA-256): {receipt['file_sha256']}"]
    if receipt.get("received_at"):
        lines.append(f"Modtaget: {_moment(receipt['received_at'])}")
        lines.append(f"Kvitteringsnummer: {receipt['submission_id']}")
    if receipt.get("is_known"):
        lines.append("Præcis den samme fil er allerede godkendt. Intet er ændret.")
    elif receipt["status"] == "accepted":
        lines.append(f"{receipt['accepted_cells']} udfyldte celler er taget ind.")
    elif receipt["status"] == "rejected":
        lines.append("Intet er taget ind.")
        if receipt.get("in_force_id"):
            lines.append(f"Den godkendte udgave {receipt['in_force_id']} gælder fortsat.")
    if receipt.get("supersedes_id"):
        lines.append(f"Afløser {receipt['supersedes_id']}.")
    return lines


def _faults(findings: Iterable[Row]) -> list[str]:
    """Errors first, then in the order of sheets and cells; what is wrong, and what to do."""
    found = list(findings)
    if not found:
        return ["", "Ingen fejl fundet."]
    sheets = list(dict.fromkeys(entry["sheet"] for entry in found))
    found.sort(key=lambda entry: (entry["severity"] != "error", *_place(entry, sheets)))
    errors = sum(entry["severity"] == "error" for entry in found)
    lines = ["", _summary(errors, len(found) - errors)]
    for entry in found:
        place = " ".join(part for part in (entry["sheet"], entry["cell"]) if part) or "Filen"
        lines += ["", f"{SEVERITY[entry['severity']]}  {place}  [{entry['code']}]"]
        lines += [_wrapped(entry["text_da"]), _wrapped(entry["help_da"])]
    return lines


def _place(entry: Row, sheets: Sequence[str | None]) -> tuple[int, int, int]:
    row, column = cell_place(entry["cell"]) if entry["cell"] else (0, 0)
    return sheets.index(entry["sheet"]), row, column


def _summary(errors: int, remarks: int) -> str:
    """How much there is to do, in words that fit the number."""
    told = [f"{errors} fejl skal rettes"] if errors else []
    told += [f"{remarks} {'advarsel' if remarks == 1 else 'advarsler'}"] if remarks else []
    return f"{', '.join(told)}."


def _wrapped(text: str) -> str:
    return fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _missing(missing: Iterable[Row]) -> list[str]:
    """Required cells that are still empty; they do not stop a report, but they are a gap in it."""
    cells = list(missing)
    if not cells:
        return []
    lines = ["", f"{len(cells)} obligatoriske felter er endnu ikke udfyldt:"]
    lines += [f"  {m['sheet']} {m['cell']}  {m['label']}" for m in cells[:MOST_MISSING]]
    if len(cells) > MOST_MISSING:
        lines.append(f"  … og {len(cells) - MOST_MISSING} til")
    return lines


def _moment(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(COPENHAGEN)
    return at.strftime("%d-%m-%Y kl. %H:%M:%S")
