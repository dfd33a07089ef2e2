#!/bin/sh
# What the Makefile offers, for machines with and without make.
# Usage: scripts/tasks.sh setup|refresh|test|test-long|check|methods|serve|clean; tests take
# further options for pytest.
set -eu
cd "$(dirname "$0")/.."
venv=.venv
bin=$venv/bin

# The environment is what the lock, the project file and the Python say; it is made anew only
# when one of them differs from the stamp.
setup() {
    python=${PYTHON:-python3}
    wanted=$({ "$python" --version; cat requirements.lock pyproject.toml; } | sha256sum | cut -d' ' -f1)
    if [ -x "$bin/klimamonitor" ] && [ "$(cat "$venv/stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    echo "Setting up $venv (once, about half a minute)" >&2
    "$python" -m venv --clear "$venv"
    sed -n '/^uv==/,/[^\\]$/p' requirements.lock >"$venv/uv.lock"
    "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$venv/uv.lock"
    VIRTUAL_ENV=$venv "$bin/uv" pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
    VIRTUAL_ENV=$venv "$bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
    env -u PYTHONDONTWRITEBYTECODE "$bin/python" -m compileall -q ingestion warehouse expectations orchestration
    "$bin/python" -m orchestration.transform
    echo "$wanted" >"$venv/stamp"
}

check() {
    "$bin/ruff" check .
    "$bin/ruff" format --check .
    "$bin/mypy"
    "$bin/lint-imports"
    "$bin/sqlfluff" lint dbt_project
    "$bin/python" scripts/method_pages.py --check
    "$bin/python" scripts/published_schema.py --check
}

case "${1:-}" in
setup | refresh | test | test-long | check | methods | serve) setup ;;
clean) ;;
*) sed -n '2,4p' "$0" >&2 && exit 2 ;;
esac

case "$1" in
refresh) exec "$bin/klimamonitor" refresh ;;
test) shift && exec "$bin/pytest" -n auto --dist loadfile "$@" ;;
test-long) shift && exec "$bin/pytest" -m long "$@" ;;
check) check ;;
methods) exec "$bin/python" scripts/method_pages.py ;;
serve) exec "$bin/python" -m orchestration.serve ;;
clean) rm -rf "$venv" data dbt_project/target dbt_project/logs .mypy_cache .ruff_cache .pytest_cache ;;
esac
