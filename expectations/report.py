"""The audit report: one page that works offline, no script, no style from elsewhere."""

from collections.abc import Sequence
from html import escape

from expectations.judge import Judgement
from expectations.publication_audit import Audit

STYLE = """
:root { color-scheme: light dark; --line: #8884; --ok: #1b7f4b; --bad: #b3261e; --warn: #9a6700; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.word { font-weight: 600; white-space: nowrap; } .pass { color: var(--ok); }
.fail { color: var(--bad); } .warn { color: var(--warn); }
code { font-size: .85em; }
"""


def report_pages(version: str, audits: Sequence[Audit]) -> dict[str, str]:
    """Name and HTML of every page of the report on one publication."""
    return {"index.html": _page(version, audits)}


def _page(version: str, audits: Sequence[Audit]) -> str:
    checks = [judgement for audit in audits for judgement in audit.judgements]
    missed = sum(not judgement.passed for judgement in checks)
    sections = "\n".join(_section(audit) for audit in audits)
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Audit of {escape(version)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>Audit of publication {escape(version)}</h1>\n"
        f"<p>{len(checks)} rules judged on {len(audits)} tables; {missed} not met.</p>\n"
        f"{sections}\n</body></html>\n"
    )


def _section(audit: Audit) -> str:
    rows = "\n".join(_row(judgement) for judgement in audit.judgements)
    return (
        f'<h2 id="{escape(audit.table)}">{escape(audit.table)}</h2>\n<table><thead><tr>'
        "<th>Verdict</th><th>Rule</th><th>Observed</th><th>Why</th></tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _row(judgement: Judgement) -> str:
    word = "pass" if judgement.passed else judgement.rule.severity
    places = "<br>".join(escape(place) for place in judgement.places)
    observed = escape(judgement.observed) + (f"<br><code>{places}</code>" if places else "")
    return (
        f'<tr><td class="word {word}">{word}</td><td><code>{escape(judgement.rule.id)}</code></td>'
        f"<td>{observed}</td><td>{escape(judgement.rule.why)}</td></tr>"
    )
