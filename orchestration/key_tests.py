"""The key tests of a build: every model has one, so they are asked without a dbt node each.

dbt composes two contexts for every test, which takes longer than the question to DuckDB: half of a
build's nodes are the test ``unique_combination``. They are taken out of the parsed project and
asked of the finished draft; ``dbt test`` by hand runs them as declared.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from warehouse.draft import Draft
from warehouse.literals import literal

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

KEY_TEST = "unique_combination"
# A question takes milliseconds: two of them side by side end sooner than one on two cores.
ASKED_AT_ONCE = 2
ONE_EACH = {"threads": "1"}


@dataclass(frozen=True)
class KeyTest:
    """A relation and the columns that must be filled and stand once together."""

    unique_id: str
    relation: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class KeyAnswer:
    """Keys that are empty in part or stand more than once: how many, and one of them."""

    test: KeyTest
    failures: int
    example: str
    seconds: float

    @property
    def message(self) -> str:
        """What is wrong, or nothing."""
        if not self.failures:
            return ""
        key = ", ".join(self.test.columns)
        return (
            f"The key ({key}) must be filled and stand once; {self.failures} do not, "
            f"for instance ({self.example})."
        )


def take_key_tests(manifest: "Manifest") -> list[KeyTest]:
    """Remove the key tests from a parsed project and return them."""
    tests = [
        KeyTest(
            unique_id,
            manifest.nodes[node.attached_node].relation_name,
            tuple(node.test_metadata.kwargs["columns"]),
        )
        for unique_id, node in manifest.nodes.items()
        if getattr(node, "test_metadata", None)
        and node.test_metadata.name == KEY_TEST
        and node.attached_node in manifest.nodes
    ]
    for test in tests:
        del manifest.nodes[test.unique_id]
    return tests


def run_key_tests(draft: Draft, tests: Sequence[KeyTest]) -> Iterator[KeyAnswer]:
    """Ask a draft that dbt has built and closed; one answer for each test, in their order."""
    with (
        duckdb.connect(str(draft.work_file), read_only=True, config=ONE_EACH) as connection,
        ThreadPoolExecutor(ASKED_AT_ONCE) as pool,
    ):
        connection.execute(f"attach {literal(draft.file)} as monitoring (read_only)")
        yield from pool.map(lambda test: _answer(connection, test), tests)


def _answer(connection: duckdb.DuckDBPyConnection, test: KeyTest) -> KeyAnswer:
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("set TimeZone = 'UTC'")
        found = cursor.execute(_question(test)).fetchone() or (0,)
    values = ", ".join("empty" if cell is None else str(cell) for cell in found[1:])
    return KeyAnswer(test, found[0], values, time.perf_counter() - begun)


def _question(test: KeyTest) -> str:
    """SQL of how many keys are wrong, with the first of them; no row when none is."""
    key = ", ".join(test.columns)
    is_empty = " or ".join(f"{column} is null" for column in test.columns)
    return (
        f"select count(*) over (), {key} from {test.relation} group by {key} "  # noqa: S608
        f"having count(*) > 1 or {is_empty} order by {key} limit 1"
    )
