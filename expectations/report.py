"""The audit report: one page that works offline, no script, no style from elsewhere."""

from collections.abc import Sequence
from html import escape

from expectations.publication_audit import Audit
from expectations.verdict import Judgement

STYLE = """
:root { color-scheme: light dark; --line: #8884; --ok: #1b7f4b; --bad: #c0392b; --warn: #9a6700; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; }
th, td { border-bottom: 1px solid var(--line); }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.word { font-weight: 600; white-space: nowrap; }
.pass { color: var(--ok); }
.fail { color: var(--bad); }
.warn, .hold { color: var(--warn); }
code { font-size: .85em; }
"""
COLUMNS = ("Verdict", "Rule", "Limit", "Observed", "Why")


def report_pages(version: str, audits: Sequence[Audit]) -> dict[str, str]:
    """Name and HTML of every page of the report on one publication."""
    return {"index.html": _page(version, audits)}


def _page(version: str, audits: Sequence[Audit]) -> str:
    checks = sum(len(audit.judgements) for audit in audits)
    missed = sum(len(_missed(audit)) for audit in audits)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Audit of {escape(version)}</title><style>{STYLE}</style></head><body>",
            f"<h1>Audit of publication {escape(version)}</h1>",
            f"<p>{checks} rules judged on {len(audits)} tables of the published file itself; "
            f"{missed} not met.</p>",
            _table(("Table", "Rules", "Not met"), [_summary(audit) for audit in audits]),
            *(_section(audit) for audit in audits),
            "</body></html>\n",
        ]
    )


def _missed(audit: Audit) -> list[Judgement]:
    return [judgement for judgement in audit.judgements if not judgement.passed]


def _table(header: Sequence[str], rows: Sequence[str]) -> str:
    heads = "".join(f"<th>{name}</th>" for name in header)
    body = "\n".join(rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _summary(audit: Audit) -> str:
    name, missed = escape(audit.table), _missed(audit)
    word = "pass"
    if missed:
        found = {j.rule.severity for j in missed}
        word = next(severity for severity in ("fail", "hold", "warn") if severity in found)
    return (
        f'<tr><td><a href="#{name}">{name}</a></td><td>{len(audit.judgements)}</td>'
        f'<td class="word {word}">{len(missed) or "none"}</td></tr>'
    )


def _section(audit: Audit) -> str:
    """One table: what was not met first, then the rules of the domain, then the contract."""
    ordered = sorted(audit.judgements, key=lambda j: (j.passed, j.rule.kind != "domain"))
    rows = [_row(judgement) for judgement in ordered]
    return f'<h2 id="{escape(audit.table)}">{escape(audit.table)}</h2>\n{_table(COLUMNS, rows)}'


def _row(judgement: Judgement) -> str:
    word = "pass" if judgement.passed else judgement.rule.severity
    places = "<br>".join(escape(place) for place in judgement.places)
    observed = escape(judgement.observed) + (f"<br><code>{places}</code>" if places else "")
    return _cells(word, judgement.rule.id, judgement.limits, observed, judgement.rule.why)


def _cells(word: str, rule: str, limits: str, observed: str, why: str) -> str:
    return (
        f'<tr><td class="word {word}">{word}</td><td><code>{escape(rule)}</code></td>'
        f"<td><code>{escape(limits)}</code></td><td>{observed}</td><td>{escape(why)}</td></tr>"
    )
