"""How a value from outside, such as a path, stands in a statement that takes no parameters."""


def literal(value: object) -> str:
    """A value as a text literal of SQL: DuckDB's and, without backslash escapes, PostgreSQL's."""
    return "'" + str(value).replace("'", "''") + "'"
