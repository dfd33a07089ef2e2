"""What stands in the files of a new source at first; ``orchestration/new_source.py`` writes them.

A line that a person must look at bears ``DECIDE``.
"""

import base64
import json
from math import ceil, floor
from typing import Any

import yaml

from ingestion.casting import DAYS
from ingestion.declaration import ColumnType
from ingestion.drafting import Draft
from orchestration.source_files import DECIDE

LEFT_OUT_WHEN_FALSE = ("key", "nullable")
MUNICIPALITIES = 98
MODEL = """\
with source as (
    select * from $read
),

renamed as (
    select
        $columns
    from source
)

select * from renamed
"""
# So far from the sums that were seen, as shares of them, are the first limits of the country's sum.
BELOW, ABOVE = 0.5, 1.0


def declaration_text(draft: Draft) -> str:
    """The declaration, each note above its field."""
    lines = ["# yaml-language-server: $schema=source.schema.json"]
    for field, value in draft.declaration.items():
        if field == "unknown_municipalities" and value == "refuse":
            continue
        if isinstance(value, dict):
            lines += [f"{field}:", *_fields(value, draft.notes, field, "  ")]
        elif field == "columns":
            lines += ["columns:", *_columns(value, draft.notes)]
        else:
            lines += _field(field, value, draft.notes, field, "")
    return "\n".join(lines) + "\n"


def _fields(values: dict[str, Any], notes: dict[str, str], path: str, indent: str) -> list[str]:
    lines = []
    for field, value in values.items():
        place = f"{path}.{field}"
        if isinstance(value, dict):
            note = _note(notes, place, indent)
            lines += [*note, f"{indent}{field}:", *_fields(value, notes, place, f"{indent}  ")]
        else:
            lines += _field(field, value, notes, place, indent)
    return lines


def _field(field: str, value: Any, notes: dict[str, str], path: str, indent: str) -> list[str]:
    return [*_note(notes, path, indent), f"{indent}{_scalar(field)}: {_scalar(value)}"]


def _note(notes: dict[str, str], path: str, indent: str) -> list[str]:
    return [f"{indent}# {DECIDE}: {notes[path]}"] if path in notes else []


def _columns(columns: list[dict[str, Any]], notes: dict[str, str]) -> list[str]:
    lines = []
    for column in columns:
        told = {k: v for k, v in column.items() if k not in LEFT_OUT_WHEN_FALSE or v}
        found = _fields(told, notes, f"columns.{column['name']}", "    ")
        first = next(i for i, line in enumerate(found) if not line.lstrip().startswith("#"))
        found[first] = f"  - {found[first].lstrip()}"
        lines += [*(line[2:] for line in found[:first]), *found[first:]]
    return lines


def _scalar(value: Any) -> str:
    """A value as YAML on one line; text that could be read as something else is quoted."""
    if isinstance(value, str) and _reads_as_itself(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _reads_as_itself(text: str) -> bool:
    try:
        return bool(yaml.safe_load(text) == text)
    except yaml.YAMLError:
        return False


def rules_text(draft: Draft) -> str:
    """Rules that hold for every table of municipalities, if it is one, and the magnitudes seen."""
    frame = draft.sample.frame
    measures = [m for m in draft.source.measures if frame[m.name].notna().any()]
    rules = [*_municipality_rules(draft), *_thing_rules(draft)]
    rules += [_magnitude_rule(draft, m.name) for m in measures if m.unit != "%"]
    rules += [_missing_rule(draft, measure.name) for measure in measures if measure.nullable]
    head = f"# Domain rules of {draft.source.id}: what must hold beyond its declaration.\nrules:\n"
    return head + "".join(rules)


def _municipality_rules(draft: Draft) -> list[str]:
    if draft.source.municipality is None:
        return []
    frame, is_register = draft.sample.frame, draft.source.is_register
    in_periods = frame.groupby(draft.source.period.name)["municipality_code"].nunique()
    least = frame["municipality_code"].nunique() if is_register else int(in_periods.min())
    fewer = f"{DECIDE}: only {least} came; which are missing, and why? " * (least < MUNICIPALITIES)
    bounds = {"min_value": least, "max_value": MUNICIPALITIES}
    rules = [
        _rule(
            "every_municipality",
            "",
            "expect_column_unique_value_count_to_be_between",
            {"column": "municipality_code"} | bounds,
            f"{fewer}There are 98 municipalities; one less means a cut answer or changed codes.",
        ),
        _rule(
            "every_municipality_in_every_period",
            "periods",
            "expect_column_values_to_be_between",
            {"column": "municipalities"} | bounds,
            "A period with fewer municipalities would lower every sum without a trace.",
        ),
    ]
    return rules[:1] if is_register else rules


def _thing_rules(draft: Draft) -> list[str]:
    """In a register a number that names things names one of them only."""
    source, frame = draft.source, draft.sample.frame
    keys = [column for column in source.columns if column.key and column.type is ColumnType.CODE]
    if not source.is_register:
        return []
    return [
        _rule(
            f"one_row_for_each_{column.name}",
            "",
            "expect_column_values_to_be_unique",
            {"column": column.name},
            "A thing that is there twice would count twice.",
        )
        for column in keys
        if frame[column.name].is_unique
    ]


def _magnitude_rule(draft: Draft, measure: str) -> str:
    """The country's sum in every period; of a register, over all its rows."""
    is_register = draft.source.is_register
    figures = draft.sample.frame[measure]
    by_period = figures.groupby(draft.sample.frame[draft.source.period.name])
    sums = {"all": figures.sum()} if is_register else by_period.sum().to_dict()
    told = " and ".join(f"{total:,.6g} in {period}" for period, total in sums.items())
    least, most = float(min(sums.values())), float(max(sums.values()))
    bounds = {
        "min_value": floor(least - abs(least) * BELOW),
        "max_value": ceil(most + abs(most) * ABOVE),
    }
    frame, expect, column = "periods", "expect_column_values_to_be_between", f"{measure}_sum"
    if is_register:
        frame, expect, column = "", "expect_column_sum_to_be_between", measure
    return _rule(
        f"country_magnitude_{measure}",
        frame,
        expect,
        {"column": column} | bounds,
        f"{DECIDE}: the sums were {told}; what can they be? What could go wrong silently?",
    )


def _missing_rule(draft: Draft, measure: str) -> str:
    share = float(draft.sample.frame[measure].isna().mean())
    return _rule(
        f"few_missing_{measure}",
        "",
        "expect_column_values_to_not_be_null",
        {"column": measure, "mostly": round(max(0.98 - share, 0.0), 2)},
        f"{DECIDE}: {share:.1%} were missing; are many more of them a broken table?",
    )


def _rule(name: str, frame: str, expect: str, kwargs: dict[str, Any], why: str) -> str:
    named = ", ".join(f"{key}: {_scalar(value)}" for key, value in kwargs.items())
    lines = [f"  - id: {name}"]
    lines += [f"    frame: {frame}"] * bool(frame)
    lines += [f"    expect: {expect}", f"    kwargs: {{{named}}}", f"    why: {_scalar(why)}"]
    return "\n".join(lines) + "\n"


def _staged(draft: Draft) -> list[tuple[str, str, str]]:
    """Of every staged column: the source's name, its own, and what it says."""
    staged = []
    for column in draft.source.columns:
        name = f"{column.name}_code" if column.type == "code" else column.name
        staged.append((column.name, name, column.description))
        if column.unit is not None:
            why = "Null when the figure is a number; otherwise why it is none."
            staged.append((f"{column.name}_missing", f"{column.name}_missing", why))
    return [
        *staged,
        ("row_key", "row_key", "The provider's own codes of this row."),
        ("release_id", "release_id", "SHA-256 of the landed bytes this row was read from."),
        ("recorded_at", "recorded_at", "When this release was accepted, UTC."),
    ]


def model_text(draft: Draft) -> str:
    """The staging model: names and nothing else."""
    source = draft.source
    read = f"{{{{ source('{source.provider}', '{source.asset_key[1]}') }}}}"
    days = {column.name for column in source.columns if column.type in DAYS}
    named = [
        f"cast({old} as date) as {new}" if old in days else old if old == new else f"{old} as {new}"
        for old, new, _ in _staged(draft)
    ]
    columns = ",\n        ".join([*named, f"'{source.id}' as source_id"])
    return MODEL.replace("$read", read).replace("$columns", columns)


def description_text(draft: Draft) -> str:
    """The model's yml: source table, grain, key test and columns."""
    source = draft.source
    staged = {old: new for old, new, _ in _staged(draft)}
    key = [staged[name] for name in source.key]
    told = f"{source.title} ({source.table})."
    columns = [(new, words) for _, new, words in _staged(draft)]
    columns.append(("source_id", "The source this row comes from."))
    described = "\n".join(
        f"      - name: {name}\n        description: {_scalar(words)}" for name, words in columns
    )
    return f"""\
version: 2

sources:
  - name: {source.provider}
    schema: raw
    tables:
      - name: {source.asset_key[1]}
        identifier: {source.id}
        description: {_scalar(told)}

models:
  - name: {source.staging_model}
    description: >-
      One row per {" × ".join(name.removesuffix("_code") for name in key)}. {told}
    data_tests:
      - unique_combination:
          arguments: {{columns: [{", ".join(key)}]}}
    columns:
{described}
"""


def sample_text(draft: Draft) -> str:
    """What the provider answered for the newest periods, to be read again by a test."""
    answer = draft.sample.answer
    sample = {
        "url": answer.url,
        "request": answer.request,
        "description": draft.sample.description,
        **_written(answer.content),
    }
    return json.dumps(sample, ensure_ascii=False, indent=1) + "\n"


def _written(content: bytes) -> dict[str, str]:
    try:
        return {"answer": content.decode("utf-8-sig")}
    except UnicodeDecodeError:
        return {"answer_base64": base64.b64encode(content).decode()}
