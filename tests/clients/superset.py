"""An Apache Superset in an environment of its own, used as its users use it: over its REST API."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import requests
from uv import find_uv_bin

CONSTRAINTS = Path(__file__).with_name("superset-constraints.txt")
SERVE = "exec gunicorn -w 1 -k gthread --threads 4 -b 127.0.0.1:{port} 'superset.app:create_app()'"


class Superset:
    """One installation, one server with one worker of four threads; ``admin`` is logged in."""

    def __init__(self, folder: Path, metadata: str) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "VIRTUAL_ENV": str(folder / "venv"),
            "PATH": f"{folder / 'venv' / 'bin'}:{os.environ['PATH']}",
            "UV_CONSTRAINT": str(CONSTRAINTS),
            "SUPERSET_HOME": str(folder),
            "SUPERSET_SECRET_KEY": "a key that signs what these tests alone are told",
            "SUPERSET__SQLALCHEMY_DATABASE_URI": metadata,
        }
        self.environment.pop("PYTHONPATH", None)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def install(self, line: str) -> None:
        """The line for pip of the documentation, carried out by uv; then an empty Superset."""
        uv = find_uv_bin()
        self.sh(f"'{uv}' venv --quiet --python 3.11 venv")
        self.sh(f"pip() {{ '{uv}' pip \"$@\"; }}; {line}")
        self.sh("superset db upgrade")
        person = "--firstname A --lastname Dmin --email admin@example.org"
        self.sh(f"superset fab create-admin --username admin --password admin {person}")
        self.sh("superset init")

    def sh(self, line: str, cwd: Path | None = None) -> None:
        done = subprocess.run(
            ["sh", "-ec", line],
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        with (self.folder / "server.log").open("a") as log:
            self.server = subprocess.Popen(
                ["sh", "-c", SERVE.format(port=self.port)],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + 300
        while not self._is_up():
            log_text = (self.folder / "server.log").read_text()
            assert self.server.poll() is None, log_text
            assert time.monotonic() < until, log_text
            time.sleep(1)
        self.session = requests.Session()
        login = {"username": "admin", "password": "admin", "provider": "db"}
        token = self.ask("POST", "security/login", login)["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.session.headers["X-CSRFToken"] = self.ask("GET", "security/csrf_token/")["result"]

    def _is_up(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/health", timeout=60).ok
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        """At once, whatever it is at."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def ask(self, method: str, path: str, content: object = None) -> Any:
        place = f"http://127.0.0.1:{self.port}/api/v1/{path}"
        answer = self.session.request(method, place, json=content, timeout=600)
        assert answer.ok, answer.text
        return answer.json()

    def id_of(self, kind: str, **wanted: str) -> int:
        """The one database or dataset that has these values."""
        every = self.ask("GET", f"{kind}/")["result"]
        (found,) = (row["id"] for row in every if wanted.items() <= row.items())
        return int(found)

    def add_file(self, name: str, address: str, **settings: bool) -> int:
        given = {"database_name": name, "sqlalchemy_uri": address, **settings}
        return int(self.ask("POST", "database/", given)["id"])

    def chart(self, dataset: int, **query: Any) -> dict[str, Any]:
        """What a chart on a dataset gets; it is not asked to pass over a cache."""
        source = {"id": dataset, "type": "table"}
        (answer,) = self.ask("POST", "chart/data", {"datasource": source, "queries": [query]})[
            "result"
        ]
        return dict(answer)

    def lab(self, database: int, sql: str) -> list[dict[str, Any]]:
        """What SQL Lab gets."""
        rows = self.ask("POST", "sqllab/execute/", {"database_id": database, "sql": sql})["data"]
        return list(rows)

    def open_files(self) -> set[str]:
        """What the workers have open now."""
        master = self.server.pid
        workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        links = [link for worker in workers for link in Path(f"/proc/{worker}/fd").iterdir()]
        return {os.path.realpath(link) for link in links}
