"""Drift: how an answer's shape differs from what is declared and from what came before.

Belongs here: which differences there are, how each is met, and which edit of the declaration would
meet it. Does not belong here: reading an answer's shape, which each protocol does (``shape``), or
remembering shapes (``warehouse/shapes.py``).

A policy is ``evolve`` (taken in and noted), ``hold`` (readable, but a person must look first: the
last accepted release stays) or ``quarantine`` (cannot be read as declared).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from typing import Any

from ingestion.declaration import Column, DriftKind, Policy, Source
from ingestion.request import (
    EnergiDataServiceRequest,
    FileDropRequest,
    KlimaregnskabetRequest,
    StatBankRequest,
)

POLICIES: Mapping[DriftKind, Policy] = {
    "column_added": "quarantine",
    "column_dropped": "quarantine",
    "column_renamed": "quarantine",
    "column_split": "quarantine",
    "columns_reordered": "evolve",
    "type_changed": "evolve",
    "unit_changed": "hold",
    "codes_grown": "evolve",
    "codes_gone": "evolve",
    "header_moved": "evolve",
    "sheet_renamed": "quarantine",
    "dialect_changed": "quarantine",
}
ALIKE = 0.6
WHOLE_TABLE = ""


@dataclass(frozen=True)
class Shape:
    """What an answer looks like, figures apart.

    ``columns`` are in the answer's order; ``offered`` what the provider describes, asked for or
    not, in its own spelling. ``units`` and ``types`` are by column (``""`` for the whole table),
    ``codes`` by variable; ``place`` says where a file's table stands.
    """

    columns: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As data that JSON holds."""
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Shape":
        """From what ``plain`` gave."""
        codes = {name: tuple(values) for name, values in plain["codes"].items()}
        columns, offered = tuple(plain["columns"]), tuple(plain["offered"])
        return cls(**{**plain, "columns": columns, "offered": offered, "codes": codes})


@dataclass(frozen=True)
class Edit:
    """One field of the declaration and what it should become; a column is found by its name."""

    path: tuple[str, ...]
    value: Any

    @property
    def text(self) -> str:
        """For a person with an editor."""
        return f"{'.'.join(self.path)}: {self.value}"


@dataclass(frozen=True)
class Drift:
    """One difference, in words, with the edits that would meet it."""

    kind: DriftKind
    policy: Policy
    what: str
    edits: tuple[Edit, ...] = ()


def drifts(source: Source, now: Shape, before: Shape | None) -> list[Drift]:
    """Every difference of an answer's shape from the declaration and from the last accepted one.

    Args:
        source: the declaration.
        now: what came.
        before: the shape of the release in force; None when none is known.
    """
    found = [*_columns(source, now, before), *_place(source, now, before)]
    if before is not None:
        found += _order(source, now, before)
        found += [*_units(source, now, before), *_types(source, now, before)]
        found += _codes(source, now, before)
    return found


def _drift(source: Source, kind: DriftKind, what: str, *edits: Edit) -> Drift:
    return Drift(kind, source.drift.get(kind, POLICIES[kind]), what, edits)


def _columns(source: Source, now: Shape, before: Shape | None) -> list[Drift]:
    """Declared columns that did not come, and others that did, paired where they look alike."""
    if not now.columns:
        return _newly_offered(now, before, set())
    declared = [column.provider_name for column in source.columns]
    summed = [name.upper() for name in getattr(source.request, "summed_over", [])]
    known = {*declared, *_left_out(source, now.columns), *summed}
    dropped = [name for name in declared if name not in now.columns]
    added = [name for name in now.columns if name not in known]
    unasked = [name for name in now.offered if name.upper() not in map(str.upper, now.columns)]
    candidates = added + [name for name in unasked if dropped and name not in known]
    found = []
    for name in list(dropped):
        parts = [new for new in candidates if name.casefold() in new.casefold()]
        if len(parts) > 1:
            told = f"{name} came as {', '.join(parts)}; declare them, and sum them in the model"
            found.append(_drift(source, "column_split", told))
            dropped.remove(name)
            candidates = [new for new in candidates if new not in parts]
    for name, new in _pairs(dropped, candidates):
        told = f"{name} seems to be called {new} now"
        found.append(_drift(source, "column_renamed", told, *_renaming(source, name, new, now)))
        dropped.remove(name)
        candidates.remove(new)
    found += [
        _drift(source, "column_dropped", f"{name} did not come", *_dropping(source, name))
        for name in dropped
    ]
    found += [
        _drift(source, "column_added", f"{name} is new", *_leaving_out(source, name))
        for name in added
        if name in candidates
    ]
    told_of = {edit.value for drift in found for edit in drift.edits if isinstance(edit.value, str)}
    return found + _newly_offered(now, before, told_of)


def _newly_offered(now: Shape, before: Shape | None, told_of: set[str]) -> list[Drift]:
    """What the provider offers beside what is asked for changes nothing here."""
    if before is None:
        return []
    known = {name.upper() for name in (*before.offered, *before.columns, *now.columns, *told_of)}
    return [
        Drift("column_added", "evolve", f"the provider now offers {name}, which is not asked for")
        for name in now.offered
        if name.upper() not in known
    ]


def _left_out(source: Source, columns: Sequence[str]) -> list[str]:
    """The columns of a file that may come or go."""
    request = source.request
    return [c for c in columns if isinstance(request, FileDropRequest) and request.leaves_out(c)]


def _pairs(dropped: Sequence[str], added: Sequence[str]) -> list[tuple[str, str]]:
    """Which new column an old one has become: the likest, or the only one that is left."""
    pairs, left = [], list(added)
    for name in dropped:
        if not left:
            break
        likest = max(left, key=lambda new: _alikeness(name, new))
        if _alikeness(name, likest) >= ALIKE or len(dropped) == len(added) == 1:
            pairs.append((name, likest))
            left.remove(likest)
    return pairs


def _alikeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.casefold(), new.casefold()).ratio()


def _column_path(source: Source, provider_name: str, field_name: str) -> tuple[str, ...]:
    column = next(c for c in source.columns if c.provider_name == provider_name)
    return ("columns", column.name, field_name)


def _renaming(source: Source, name: str, new: str, now: Shape) -> list[Edit]:
    """A name stands at its column, and for some protocols in the request as well."""
    edits = [Edit(_column_path(source, name, "provider_name"), new)]
    request = source.request
    if isinstance(request, EnergiDataServiceRequest) and name in request.sort:
        edits.append(Edit(("request", "sort"), request.sort.replace(name, new)))
    if isinstance(request, StatBankRequest):
        spelt = next((variable for variable in now.offered if variable.upper() == new), new)
        renamed = {
            "selection": {_other(k, name, spelt): v for k, v in request.selection.items()},
            "may_be_absent": {_other(k, name, spelt): v for k, v in request.may_be_absent.items()},
            "geography": request.geography and _other(request.geography, name, spelt),
        }
        edits += [
            Edit(("request", key), value)
            for key, value in renamed.items()
            if value != getattr(request, key)
        ]
    return edits


def _other(variable: str, name: str, new: str) -> str:
    return new if variable.upper() == name else variable


def _dropping(source: Source, name: str) -> list[Edit]:
    """A column that is no key and not the only figure can be taken out of the declaration."""
    column = next(c for c in source.columns if c.provider_name == name)
    is_needed = column.key or (column in source.measures and len(source.measures) == 1)
    return [] if is_needed else [Edit(("columns", column.name), None)]


def _leaving_out(source: Source, name: str) -> list[Edit]:
    request = source.request
    if isinstance(request, FileDropRequest):
        # Beside turned periods a new title may be one more of them.
        edit = Edit(("request", "left_out"), [*request.left_out, name])
        return [] if request.turned else [edit]
    if isinstance(request, StatBankRequest):
        return [Edit(("request", "summed_over"), [*request.summed_over, name])]
    return []


def _order(source: Source, now: Shape, before: Shape) -> list[Drift]:
    """Columns are told apart by name, so their order means nothing but is worth a note."""
    is_same_set = set(now.columns) == set(before.columns)
    if not is_same_set or now.columns == before.columns:
        return []
    return [_drift(source, "columns_reordered", f"the order is {', '.join(now.columns)} now")]


def _place(source: Source, now: Shape, before: Shape | None) -> list[Drift]:
    """Where the table of a file stands, and how the file is written."""
    place, found = now.place, []
    if place.get("sheet_like"):
        edit = Edit(("request", "sheet"), place["sheet_like"])
        told = f"the table stands in sheet {place['sheet_like']!r} now"
        found.append(_drift(source, "sheet_renamed", told, edit))
    for name in ("delimiter", "encoding", "header_within"):
        if seems := place.get(f"{name}_seems"):
            value: Any = int(seems) if name == "header_within" else seems
            kind: DriftKind = "header_moved" if name == "header_within" else "dialect_changed"
            told = f"{name.replace('_', ' ')} seems to be {seems!r} now"
            found.append(_drift(source, kind, told, Edit(("request", name), value)))
    row, was = place.get("header_row"), before.place.get("header_row") if before else None
    if row and was and row != was and "header_within_seems" not in place:
        told = f"the header stands in row {row}, was {was}"
        found.append(_drift(source, "header_moved", told))
    return found


def _units(source: Source, now: Shape, before: Shape) -> list[Drift]:
    """A unit in other words than before may be another unit; a declared one settles it."""
    found = []
    for name, unit in now.units.items():
        was = before.units.get(name)
        if was is None or was == unit or _is_declared_unit(source, name, unit):
            continue
        told = f"the unit of {name or 'the table'} is {unit!r}, was {was!r}; check unit and range"
        found.append(_drift(source, "unit_changed", told, *_declaring_unit(source, name, unit)))
    return found


def _is_declared_unit(source: Source, name: str, unit: str) -> bool:
    if isinstance(source.request, KlimaregnskabetRequest):
        return any(m.name == name and unit in m.units for m in source.request.measures)
    return all(column.provider_unit == unit for column in _measured(source, name))


def _declaring_unit(source: Source, name: str, unit: str) -> list[Edit]:
    """The provider's words stand at the column; Klimaregnskabet's figures are found by them."""
    if isinstance(source.request, KlimaregnskabetRequest):
        return [_measures(source.request, {name}, units=[unit])]
    measured = _measured(source, name)
    return [Edit(("columns", column.name, "provider_unit"), unit) for column in measured]


def _measured(source: Source, name: str) -> list[Column]:
    return [c for c in source.measures if name in (WHOLE_TABLE, c.provider_name)]


def _measures(request: KlimaregnskabetRequest, names: Collection[str], **more: list[str]) -> Edit:
    """The measures of Klimaregnskabet, those that are named with more units or sectors."""
    told = [measure.model_dump(mode="json") for measure in request.measures]
    for measure in told:
        if measure["name"] in names:
            measure |= {field: [*measure[field], *new] for field, new in more.items()}
    return Edit(("request", "measures"), told)


def _types(source: Source, now: Shape, before: Shape) -> list[Drift]:
    declared = {column.provider_name for column in source.columns}
    return [
        _drift(source, "type_changed", f"{name} is {kind}, was {before.types[name]}")
        for name, kind in now.types.items()
        if name in declared and before.types.get(name, kind) != kind
    ]


def _codes(source: Source, now: Shape, before: Shape) -> list[Drift]:
    """Codes of declared variables that are new or gone; whether they matter, casting says."""
    found = []
    declared = {column.provider_name: column for column in source.columns}
    for name, codes in now.codes.items():
        was, column = before.codes.get(name), declared.get(name)
        if was is None or column is None:
            continue
        grown = [code for code in codes if code not in was]
        gone = [code for code in was if code not in codes]
        if grown:
            told = f"{name} has the new codes {', '.join(grown[:10])}"
            edits = _declaring_codes(source, column, grown)
            found.append(_drift(source, "codes_grown", told, *edits))
        if gone:
            found.append(_drift(source, "codes_gone", f"{name} lost {', '.join(gone[:10])}"))
    return found


def _declaring_codes(source: Source, column: Column, grown: list[str]) -> list[Edit]:
    if column.codes is None or not _asks_for_all(source, column.provider_name):
        return []
    more = column.codes | dict(zip(grown, grown, strict=True))
    edits = [Edit(("columns", column.name, "codes"), more)]
    if isinstance(source.request, KlimaregnskabetRequest):
        by_sector = {m.name for m in source.request.measures if len(m.sectors) > 1}
        edits.append(_measures(source.request, by_sector, optional_sectors=grown))
    return edits


def _asks_for_all(source: Source, name: str) -> bool:
    selection = getattr(source.request, "selection", None)
    return selection is None or selection.get(name) == ["*"]
