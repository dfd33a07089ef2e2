"""The content hash: equal for equal rows in any order, different for anything else."""

import random
from collections.abc import Iterator

import duckdb
import pytest

from warehouse.content import Content, content_of


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def content(connection: duckdb.DuckDBPyConnection, sql: str) -> Content:
    connection.execute(f"create or replace table judged as {sql}")
    return content_of(connection, "judged")


BASE = "select * from (values ('0101', 2024, 1.5), ('0860', 2023, null)) as t(code, year, value)"


def test_the_order_of_the_rows_means_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    assert content(connection, BASE) == content(connection, f"{BASE} order by code desc")
    assert content(connection, BASE).rows == 2


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(f"{BASE} where code = '0101'", id="a row gone"),
        pytest.param(f"{BASE} union all {BASE}", id="rows twice"),
        pytest.param(f"{BASE} union all ({BASE} limit 1)", id="a row twice"),
        pytest.param(BASE.replace("1.5", "1.6"), id="a value"),
        pytest.param(BASE.replace("1.5", "1500.0"), id="times a thousand"),
        pytest.param(BASE.replace("null", "0"), id="zero for null"),
        pytest.param(BASE.replace("'0101', 2024", "'0860', 2024"), id="codes swapped"),
        pytest.param(f"select code, year, value::varchar as value from ({BASE})", id="a type"),
        pytest.param(f"select code, year::bigint as year, value from ({BASE})", id="a width"),
        pytest.param(f"select code, year as years, value from ({BASE})", id="a name"),
        pytest.param(f"select year, code, value from ({BASE})", id="order of columns"),
        pytest.param(f"select *, 1 as more from ({BASE})", id="one more column"),
    ],
)
def test_any_other_content_has_another_hash(
    connection: duckdb.DuckDBPyConnection, other: str
) -> None:
    assert content(connection, BASE).content_hash != content(connection, other).content_hash


@pytest.mark.parametrize("text", ["''", "'\\N'", "'NULL'", "'null'", "'None'"])
def test_null_is_no_text(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    null = content(connection, "select null::varchar as a")
    assert null != content(connection, f"select {text}::varchar as a")


def test_cells_do_not_run_into_each_other(connection: duckdb.DuckDBPyConnection) -> None:
    assert content(connection, "select 'ab' as a, 'c' as b") != content(
        connection, "select 'a' as a, 'bc' as b"
    )
    assert content(connection, "select 'a' as a, null as b") != content(
        connection, "select null as a, 'a' as b"
    )


def test_empty_tables_are_told_apart_by_their_columns(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    one = content(connection, "select 1 as a where false")
    assert one.rows == 0
    assert one != content(connection, "select 1 as b where false")


def test_the_hash_is_equal_exactly_when_the_rows_are(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    chance = random.Random(7)
    cells = ["null", "''", "'a'", "'b'", "'ab'", "'\\N'"]
    seen: dict[str, list[str]] = {}
    for _ in range(150):
        rows = [f"({chance.choice(cells)}, {chance.randrange(2)})" for _ in range(3)]
        found = content(
            connection, f"select a::varchar as a, b from (values {', '.join(rows)}) as t(a, b)"
        ).content_hash
        assert seen.setdefault(found, sorted(rows)) == sorted(rows)
    assert len(seen) == len({tuple(rows) for rows in seen.values()}) > 50
