"""The registers as the reporting form needs them: what is asked for, and the choices that exist.

They are the same files that dbt reads as seeds; the caller says where they lie.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from ingestion.municipality_names import spellings

SUBMITTED = "submitted"
DATASETS = "municipal_"
KEY_FIGURES = "municipal_key_figures"
ACCOUNT = "danish_account"


@dataclass(frozen=True)
class Question:
    """One figure that a municipality is asked for.

    ``id`` is an indicator's id, or that of an input which indicators are made of.
    """

    id: str
    group_da: str
    reference: str
    name_da: str
    unit: str
    help_da: str
    minimum: float | None
    maximum: float | None
    is_integer: bool
    is_required: bool


Row = Mapping[str, str]


@dataclass(frozen=True)
class Catalogue:
    """The registers, as text rows by file name without ending."""

    registers: Mapping[str, tuple[Row, ...]]

    @cached_property
    def municipalities(self) -> dict[str, str]:
        """Danish name by 4-digit code."""
        rows = self.registers["municipalities"]
        return {row["municipality_code"]: row["name_da"] for row in rows}

    @cached_property
    def aliases(self) -> dict[str, str]:
        """4-digit code by every spelling of a municipality's name that is known."""
        rows = self.registers["municipality_aliases"]
        return {row["alias"]: row["municipality_code"] for row in rows}

    @cached_property
    def spellings(self) -> dict[str, str]:
        """4-digit code by every name of a municipality, as names are compared."""
        return spellings(self.municipalities, self.aliases)

    @cached_property
    def indicators(self) -> dict[str, Row]:
        """The newest definition of each indicator, by id."""
        rows = sorted(self.registers["indicators"], key=lambda row: int(row["definition_version"]))
        return {row["indicator_id"]: row for row in rows}

    @cached_property
    def choices(self) -> dict[str, dict[str, str]]:
        """Code → Danish label, by list; municipalities and declarations are lists too."""
        lists: dict[str, dict[str, str]] = {}
        for row in self.registers["reporting_choices"]:
            lists.setdefault(row["list_id"], {})[row["code"]] = row["label_da"]
        declared = self.registers["sector_declarations"]
        lists["municipalities"] = self.municipalities
        lists["sector_declarations"] = {r["declaration_id"]: r["name_da"] for r in declared}
        return lists

    @cached_property
    def emissions(self) -> tuple[Question, ...]:
        """Every emission that municipalities may report: by boundary, whole and by sector."""
        order = list(self.choices["boundaries"])
        asked = [row for row in self._direct if row["unit"] == "t CO2e"]
        asked.sort(key=lambda row: order.index(row["boundary"]))
        return tuple(self._indicator_question(row) for row in asked)

    @cached_property
    def key_figures(self) -> tuple[Question, ...]:
        """Inputs that reported indicators are made of, and indicators reported as they are."""
        inputs = tuple(_input_question(row) for row in self.registers["reporting_inputs"])
        direct = [row for row in self._direct if row["unit"] != "t CO2e"]
        return (*inputs, *(self._indicator_question(row) for row in direct))

    @cached_property
    def shares(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """Numerators and denominator of every share that is made of the form's inputs."""
        made: dict[str, dict[str, list[str]]] = {}
        for row in self.registers["indicator_inputs"]:
            if row["dataset"] == KEY_FIGURES:
                roles = made.setdefault(row["indicator_id"], {"numerator": [], "denominator": []})
                roles[row["role"]].append(row["provider_code"])
        return {id_: (tuple(r["numerator"]), r["denominator"][0]) for id_, r in made.items()}

    @cached_property
    def gwps(self) -> tuple[Row, ...]:
        """Global warming potentials: rows of gwp_set, gas and gwp_value."""
        return self.registers["gwp_sets"]

    def method_numbers(self, day: date) -> dict[str, float]:
        """Parameters of the methods that are numbers, as they hold on a day."""
        rows = [r for r in self.registers["method_parameters"] if _begins(r) <= day]
        rows.sort(key=_begins)
        return {row["parameter"]: float(row["value"]) for row in rows if _is_number(row["value"])}

    @cached_property
    def _direct(self) -> list[Row]:
        """Reported indicators that are not made of other inputs of the form."""
        made = {
            row["indicator_id"]
            for row in self.registers["indicator_inputs"]
            if row["dataset"].startswith(DATASETS)
        }
        return [
            row
            for id_, row in self.indicators.items()
            if SUBMITTED in row["origin_precedence"] and id_ not in made
        ]

    def _indicator_question(self, row: Row) -> Question:
        boundaries = self.choices["boundaries"]
        return Question(
            id=row["indicator_id"],
            group_da=boundaries.get(row["boundary"], ""),
            reference=self._reference(row),
            name_da=row["name_da"],
            unit=row["unit"],
            help_da=row["definition_da"],
            minimum=_number(row["valid_min"]),
            maximum=_number(row["valid_max"]),
            is_integer=False,
            is_required=False,
        )

    def _reference(self, row: Row) -> str:
        """GPC sector or sector of the account; ``I alt`` for a whole."""
        prefix = f"ghg_{row['boundary']}"
        suffix = row["indicator_id"].removeprefix(prefix).lstrip("_")
        if not suffix:
            return "I alt"
        is_account = row["boundary"] == ACCOUNT
        sectors = {
            sector["indicator_suffix"]: sector["name_da" if is_account else "sector_id"]
            for sector in self.registers["sectors"]
            if (sector["boundary"] == ACCOUNT) == is_account
        }
        return sectors.get(suffix, suffix)


def _input_question(row: Row) -> Question:
    return Question(
        id=row["input_id"],
        group_da=row["group_da"],
        reference="",
        name_da=row["name_da"],
        unit=row["unit"],
        help_da=row["help_da"],
        minimum=_number(row["valid_min"]),
        maximum=_number(row["valid_max"]),
        is_integer=row["is_integer"] == "true",
        is_required=row["is_required"] == "true",
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _begins(row: Row) -> date:
    return date.fromisoformat(row["valid_from_date"])


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


NAMES = (
    "gwp_sets",
    "indicator_inputs",
    "indicators",
    "method_parameters",
    "municipalities",
    "municipality_aliases",
    "reporting_choices",
    "reporting_inputs",
    "sector_declarations",
    "sectors",
)


def read_catalogue(folder: Path) -> Catalogue:
    """Read the registers.

    Args:
        folder: where the CSV files lie.
    """
    return Catalogue({name: _rows(folder / f"{name}.csv") for name in NAMES})


def _rows(path: Path) -> tuple[Row, ...]:
    with path.open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))
