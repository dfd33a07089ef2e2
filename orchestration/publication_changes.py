"""What moved between two publications, and why: causes exchanged, tables built, values compared."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.change_texts import names_in, piece_told, with_texts
from orchestration.rebuilding import Project, Workshop
from orchestration.settings import DBT_PROJECT
from orchestration.transform import NodeResult, TransformError, build_nodes, read_parsed
from warehouse.causes import CODE, SEEDS, Belonging, Exchange, Side, read_register
from warehouse.changes import Compared, State, value_changes
from warehouse.draft import Draft
from warehouse.draft import tell_changes as write_changes
from warehouse.inputs import Inputs, InputsError
from warehouse.publications import DATABASE

LOG = logging.getLogger(__name__)
TABLE = "fct_publication_change"
SEVERAL, NOT_RECORDED = "several", "not_recorded"
SEPARATOR = "; "


@dataclass(frozen=True)
class Made:
    """A publication, or a draft that is about to become one: its inputs and its tables."""

    side: Side
    file: Path


@dataclass(frozen=True)
class Changes:
    """Rows of ``warehouse.changes.CHANGES``, and how the inputs differ where that is known."""

    rows: pa.Table
    exchange: Exchange | None = None


def compared_tables(nodes: dict[str, Any]) -> list[Compared]:
    """The tables of values, as their models say in ``meta.compared``."""
    return [
        Compared(
            node["name"], tuple(told["by"]), told["value"], tuple(told["told"]), told.get("unit")
        )
        for node in nodes.values()
        if (told := node["config"].get("meta", {}).get("compared"))
    ]


def belongings(nodes: dict[str, Any]) -> dict[str, Belonging]:
    """To which cause each register belongs, as its yml says in ``meta.cause``."""
    found = {}
    for node in nodes.values():
        meta = node["config"].get("meta", {})
        if node["resource_type"] == "seed" and "cause" in meta:
            by = meta.get("cause_by", {"column": "", "values": {}})
            found[node["name"]] = Belonging(meta["cause"], by["column"], by["values"])
    return found


def cause_order() -> tuple[str, ...]:
    """The causes in their order, from the register ``change_causes``."""
    register = read_register(DBT_PROJECT / SEEDS / "change_causes.csv")
    return tuple(row[0] for row in sorted(register.rows, key=lambda row: int(row[1])))


def tell_changes(
    workshop: Workshop, version: str, inputs: Inputs, draft: Draft
) -> list[NodeResult]:
    """Publish in a built draft what moved since a publication, and why.

    Args:
        workshop: where mixtures are built.
        version: the publication to compare with.
        inputs: what the draft was made of.
        draft: the built draft, not yet sealed.

    Returns:
        What became of the model ``fct_publication_change`` and its tests; nothing where nothing
        moved, since the draft has it without rows.

    Raises:
        TransformError: the model could not be built.
    """
    project = workshop.project(inputs.project)
    before = workshop.layout.publications / version / DATABASE
    later = Made(project.side(inputs), draft.file)
    found = changes_since(workshop, version, before, later, project)
    if not found.rows.num_rows:
        return []
    write_changes(draft, with_texts(found.rows, names_in(draft.file)))
    return build_nodes(draft, ["--select", TABLE], read_parsed(project.parsed))


def changes_since(
    workshop: Workshop, version: str, file: Path, later: Made, project: Project
) -> Changes:
    """What moved since an earlier publication.

    Args:
        workshop: where mixtures are built.
        version: the earlier publication.
        file: its database.
        later: the later publication or draft.
        project: the later one's dbt project.
    """
    compared = compared_tables(project.nodes)
    try:
        earlier = workshop.side(version)
    except InputsError as error:
        states = [State(file), State(later.file, NOT_RECORDED, reference=str(error))]
        return Changes(value_changes(states, compared, version))
    exchange = Exchange(earlier, later.side, cause_order(), belongings(project.nodes))
    moved = value_changes([State(file), State(later.file, CODE)], compared, version)
    if not moved.num_rows:
        return Changes(moved, exchange)
    tables = {*moved["table_name"].to_pylist()}
    states = _states(workshop, exchange, file, later.file, sorted(tables))
    in_question = [table for table in compared if table.table in tables]
    return Changes(value_changes(states, in_question, version), exchange)


def _states(
    workshop: Workshop, exchange: Exchange, first: Path, last: Path, tables: list[str]
) -> list[State]:
    """The two publications with what lies between them; causes in a mixture that cannot be built
    are told together with the next one.
    """
    causes = exchange.differing or (CODE,)
    states = [State(first)]
    waiting: tuple[str, ...] = ()
    for number, cause in enumerate(causes, 1):
        waiting = (*waiting, cause)
        if cause == causes[-1]:
            states.append(_state(exchange, last, waiting))
            continue
        try:
            mixture = exchange.mixture(causes[:number])
            draft = workshop.mixed(mixture, number, tables)
        except TransformError as error:
            LOG.warning("the causes %s cannot be told apart: %s", ", ".join(waiting), error)
            continue
        states.append(_state(exchange, draft.file, waiting))
        waiting = ()
    return states


def _state(exchange: Exchange, file: Path, causes: tuple[str, ...]) -> State:
    pieces = sorted({piece for cause, piece in exchange.pieces if cause in causes})
    cause = causes[0] if len(causes) == 1 else SEVERAL
    told = [(exchange.reporter(piece), piece_told(piece, exchange)) for piece in pieces]
    own = {
        code: SEPARATOR.join(text for reporter, text in told if reporter in (None, code))
        for code, _text in told
        if code
    }
    return State(file, cause, causes, SEPARATOR.join(text for _code, text in told), own)
