"""Fixtures that every suite may use."""

import pytest

from tests.providers.fixtures import providers
from tests.warehouse.postgres_server import running_server, server

__all__ = ["providers", "running_server", "server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a machine may have, and what continuous integration must have."""
    parser.addoption("--postgres-bin", help="folder of another PostgreSQL's programs")
    parser.addoption(
        "--require-clients", action="store_true", help="fail without the clients over ODBC and JDBC"
    )
