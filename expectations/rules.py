"""A rule: one expectation in Great Expectations' own words, with its reason and severity."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["fail", "warn", "hold"]
DeclaredSeverity = Literal["fail", "warn"]


@dataclass(frozen=True)
class Rule:
    """One expectation on one frame.

    ``kind`` names what it guards (``columns``, ``rows``, ``key``, ``range`` …); ``frame`` the frame
    it judges: the rows themselves or one derived from them.
    """

    id: str
    kind: str
    expect: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    severity: Severity = "fail"
    why: str = ""
    frame: str = "rows"


def at_most(
    rule_id: str, kind: str, column: str, most: float, why: str, severity: Severity = "fail"
) -> Rule:
    """No figure of a column may be above a limit; an empty one is not judged."""
    expect, limit = "expect_column_values_to_be_between", {"column": column, "max_value": most}
    return Rule(rule_id, kind, expect, limit, severity, why)


class RuleEntry(BaseModel):
    """A domain rule as written in YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    expect: str = Field(pattern=r"^expect_[a-z_]+$")
    kwargs: dict[str, Any] = {}
    severity: DeclaredSeverity = "fail"
    why: str
    frame: Literal["rows", "periods", "steps", "wholes"] = "rows"

    def rule(self) -> Rule:
        """The rule this entry stands for."""
        return Rule(
            self.id, "domain", self.expect, self.kwargs, self.severity, self.why, self.frame
        )


class QueryEntry(BaseModel):
    """A rule over the whole draft: SQL that answers one row, ``checked`` and ``violations``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    table: str
    sql: str
    severity: DeclaredSeverity = "fail"
    why: str
    needs_last_publication: bool = False


class MovementEntry(BaseModel):
    """A limit on how far the draft may be from the last publication before a person must look.

    ``sql`` answers a row per subject: ``subject``, ``previous``, ``observed`` and ``moved``, a
    share that may not be above ``most``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    table: str
    sql: str
    most: float = Field(gt=0, le=1)
    why: str


class Acceptance(BaseModel):
    """A release that somebody has looked at: how far it is from the one before is right.

    ``release`` begins the SHA-256 of the bytes, so that the next answer is judged like any other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    release: str = Field(pattern=r"^[0-9a-f]{12,64}$")
    rules: list[str] = Field(min_length=1)
    why: str = Field(min_length=1)


class SourceRules(BaseModel):
    """One file of ``expectations/sources``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: list[RuleEntry]
    accepted: list[Acceptance] = []


class PublicationRules(BaseModel):
    """``expectations/publication.yml``: rules per table, rules over the whole draft, and limits.

    ``queries`` and ``tables`` fail or warn; ``movements`` hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: dict[str, list[RuleEntry]]
    queries: list[QueryEntry]
    movements: list[MovementEntry] = []
    most_quarantined_share: float = Field(gt=0, le=1)


FOLDER = Path(__file__).parent


def source_rules(source_id: str) -> list[Rule]:
    """The domain rules of a source.

    Raises:
        FileNotFoundError: every source has a file, even one that only says why it needs no rule.
    """
    return [entry.rule() for entry in _source_file(source_id).rules]


def accepted_rules(source_id: str, release: str) -> frozenset[str]:
    """Rules on the distance from the last release that a release of these bytes may miss."""
    entries = _source_file(source_id).accepted
    return frozenset(r for e in entries if release.startswith(e.release) for r in e.rules)


def _source_file(source_id: str) -> SourceRules:
    text = (FOLDER / "sources" / f"{source_id}.yml").read_text(encoding="utf-8")
    return SourceRules.model_validate(yaml.safe_load(text))


def publication_rules(path: Path = FOLDER / "publication.yml") -> PublicationRules:
    """The rules of gate 3 that do not follow from the contract."""
    return PublicationRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
