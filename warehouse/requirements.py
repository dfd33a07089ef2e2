"""What a publication says of the requirements on a date, with the evidence beside each status."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse import publications
from warehouse.damage import damage_of_chosen
from warehouse.layout import Layout

HOLDING = """
    select holding.*, dim_municipality.name_da as municipality_name_da
    from fct_requirement_period as holding
    inner join dim_municipality
        on holding.municipality_code = dim_municipality.municipality_code
    where $day between holding.valid_from_date and coalesce(holding.valid_to_date, $day)
        and (holding.municipality_code = $municipality or $municipality is null)
        and (holding.status <> 'not_applicable' or $municipality is not null)
        and holding.year = coalesce(
            $year,
            (select max(year) from fct_requirement_period where valid_from_date <= $day)
        )
    order by holding.municipality_code, holding.requirement, holding.year
"""
EVIDENCE = """
    select * from fct_requirement_evidence
    where evidence_date <= $day
    order by municipality_code, requirement, year, part, evidence_date, source_ref
"""
NEWEST = "select max(year) from fct_requirement_period"
KNOWN = "select count(*) from dim_municipality where municipality_code = ?"
CHANGES = """
    select distinct valid_from_date from fct_requirement_period
    where valid_from_date > ? order by valid_from_date
"""


class NoRequirementsError(LookupError):
    """The publication cannot answer."""


def requirements_on(
    layout: Layout,
    day: date | None = None,
    municipality: str | None = None,
    year: int | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """Statuses on a day, each with its rows of evidence that are known on that day.

    Args:
        layout: the state root.
        day: the date to judge on; the day the publication was made for when None.
        municipality: 4-digit code; every member when None.
        year: the year that is judged; the newest one on the day when None.
        version: a publication; the current one when None.

    Returns:
        ``version``, ``as_of``, ``run_date``, ``is_after_run``, ``newest_year`` (the last that it
        judges) and ``requirements``, each with ``evidence``.

    Raises:
        NoRequirementsError: unknown publication or municipality, or a day before the first rule.
    """
    folder, manifest = _publication(layout, version)
    with duckdb.connect(str(folder / publications.DATABASE), read_only=True) as connection:
        run_day, newest_year = _run_day(connection, manifest["version"]), _one(connection, NEWEST)
        asked = day or run_day
        cell = {"day": asked, "municipality": municipality, "year": year}
        rows = publications.rows(connection, HOLDING, cell)
        if not rows:
            raise NoRequirementsError(_why_none(connection, manifest["version"], cell, newest_year))
        evidence = publications.rows(connection, EVIDENCE, {"day": asked})
    return {
        "version": manifest["version"],
        "as_of": asked,
        "run_date": run_day,
        "is_after_run": asked > run_day,
        "newest_year": newest_year,
        "requirements": [{**row, "evidence": _evidence_of(row, evidence)} for row in rows],
    }


def changes_after(database: Path, day: date) -> tuple[str, ...]:
    """Later days on which a status changes without any new evidence, such as the one after a
    deadline, a grace or a waiver.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        return tuple(str(day) for (day,) in connection.execute(CHANGES, [day]).fetchall())


def _publication(layout: Layout, version: str | None) -> tuple[Path, dict[str, Any]]:
    damage = damage_of_chosen(layout, version)
    if damage:
        advice = "Vælg en anden udgivelse med --publication."
        raise NoRequirementsError(
            f"Udgivelsens filer er ikke, som de blev udgivet. {damage} {advice}"
        )
    found = publications.chosen(layout, version)
    if found is None:
        gone = publications.deletions(layout).get(version or "")
        if gone:
            raise NoRequirementsError(
                f"Udgivelsen {version} blev slettet {gone['deleted_on']} efter reglerne for, hvor "
                "længe udgivelser gemmes."
            )
        raise NoRequirementsError(f"Der er ingen udgivelse {version or '(endnu)'}.")
    return found


def _run_day(connection: duckdb.DuckDBPyConnection, version: str) -> date:
    try:
        found = connection.execute("select max(as_of_date) from fct_requirement_status").fetchall()
    except duckdb.CatalogException as error:
        told = f"Udgivelsen {version} er ældre end kravene og indeholder dem ikke."
        raise NoRequirementsError(told) from error
    day: date = found[0][0]
    return day


def _why_none(
    connection: duckdb.DuckDBPyConnection, version: str, cell: dict[str, Any], newest_year: int
) -> str:
    municipality = cell["municipality"]
    if municipality is not None and not _one(connection, KNOWN, municipality):
        return f"{municipality} er ingen kommune i dim_municipality."
    told = f"kommune {municipality or '(alle)'} og år {cell['year'] or '(nyeste)'}"
    return (
        f"Udgivelsen {version} har ingen krav for {told} pr. {cell['day']}; "
        f"den rækker til og med {newest_year}."
    )


def _one(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: str) -> int:
    ((number,),) = connection.execute(sql, list(parameters)).fetchall()
    return int(number or 0)


def _evidence_of(row: dict[str, Any], evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = ("municipality_code", "requirement", "year", "rule_version")
    return [found for found in evidence if all(found[key] == row[key] for key in keys)]
