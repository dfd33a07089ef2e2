"""What a published table holds, in one number: equal rows give an equal hash, in any order."""

import hashlib
from dataclasses import dataclass

import duckdb

NULL_MARK = "\x1e"
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Content:
    """Row count and content hash of one table."""

    rows: int
    content_hash: str


def content_of(connection: duckdb.DuckDBPyConnection, table: str) -> Content:
    """Count and hash a table: names and types of its columns, and the sum of its rows' MD5.

    A sum does not depend on the order of the rows. Control characters stand for null and between
    cells, so that no text of a source can be taken for them.
    """
    columns = connection.execute(
        "select column_name, data_type from information_schema.columns where table_name = ? "
        "order by ordinal_position",
        [table],
    ).fetchall()
    cells = ", ".join(f"coalesce(\"{name}\"::varchar, '{NULL_MARK}')" for name, _ in columns)
    text = f"concat_ws('{SEPARATOR}', {cells})"
    rows, low, high = connection.execute(
        f"select count(*), coalesce(sum(md5_number_lower({text})), 0)::varchar, "  # noqa: S608
        f'coalesce(bit_xor(md5_number_upper({text})), 0)::varchar from "{table}"'
    ).fetchall()[0]
    whole = repr((columns, rows, low, high)).encode()
    return Content(int(rows), hashlib.sha256(whole).hexdigest()[:32])
