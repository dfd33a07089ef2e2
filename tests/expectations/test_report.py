"""The audit report: one page, readable offline, that shows every rule and runs nothing."""

import re
from html import escape
from html.parser import HTMLParser

from expectations.publication_audit import Audit
from expectations.report import report_pages
from expectations.rules import Rule
from expectations.verdict import Judgement

HOSTILE = "<script>alert('x')</script>&\"http://evil.example\""
AUDITS = [
    Audit(
        "fct_<b>value",
        (
            Judgement(Rule("rows", "rows", "x", why="Because."), True, "20"),
            Judgement(Rule("odd", "domain", "x", severity="warn", why="Hm."), False, "1 of 9"),
            Judgement(
                Rule(HOSTILE, "domain", "x", why=HOSTILE), False, HOSTILE, (HOSTILE, "code=0101")
            ),
        ),
    )
]


class Reader(HTMLParser):
    """Tags, attributes and text as a browser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


PAGE = report_pages(f"20261124-{HOSTILE}", AUDITS)["index.html"]


def test_what_comes_from_outside_is_text_and_never_markup() -> None:
    read = Reader(PAGE)
    assert "script" not in read.tags
    assert "b" not in read.tags
    assert "".join(read.words).count(HOSTILE) >= 6


def test_the_page_loads_nothing_from_anywhere() -> None:
    read = Reader(PAGE)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(read.tags)
    links = [value for name, value in read.attributes if name in ("href", "src", "action")]
    assert all(value and value.startswith("#") for value in links)
    assert not any(name.startswith("on") or name == "style" for name, _ in read.attributes)
    assert not re.search(r"url\(|@import", PAGE)


def test_every_rule_stands_with_its_verdict_and_reason() -> None:
    rows = re.findall(r'<td class="word (\w+)">(\w+)</td><td><code>([^<]*)</code>', PAGE)
    assert {(row[1], row[2]) for row in rows} == {
        ("pass", "rows"),
        ("warn", "odd"),
        ("fail", escape(HOSTILE)),
    }
    assert all(style == word for style, word, _ in rows)
    assert "3 rules judged on 1 tables" in PAGE
    assert "2 not met" in PAGE
    assert "Because." in PAGE
    assert "code=0101" in PAGE


def test_a_report_without_audits_is_still_a_page() -> None:
    assert "0 rules judged on 0 tables" in report_pages("v", [])["index.html"]
