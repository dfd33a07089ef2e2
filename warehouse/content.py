"""What a published table holds, in one number: equal rows give an equal hash, in any order."""

from dataclasses import dataclass

import duckdb

NULL_MARK = "\\N"
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Content:
    """Row count and content hash of one table."""

    rows: int
    content_hash: str


def content_of(connection: duckdb.DuckDBPyConnection, table: str) -> Content:
    """Count and hash a table: the sum of each row's MD5, so that row order does not matter."""
    columns = [
        name
        for (name,) in connection.execute(
            "select column_name from information_schema.columns where table_name = ? "
            "order by ordinal_position",
            [table],
        ).fetchall()
    ]
    cells = ", ".join(f"coalesce(\"{name}\"::varchar, '{NULL_MARK}')" for name in columns)
    text = f"concat_ws('{SEPARATOR}', {cells})"
    rows, low, high = connection.execute(
        f"select count(*), coalesce(sum(md5_number_lower({text})), 0)::varchar, "  # noqa: S608
        f'coalesce(bit_xor(md5_number_upper({text})), 0)::varchar from "{table}"'
    ).fetchall()[0]
    return Content(int(rows), f"{int(low) % 2**64:016x}{int(high):016x}")
