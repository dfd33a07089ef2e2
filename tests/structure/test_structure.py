"""What the tree must look like: borders between packages, sizes, nothing registered by hand."""

import ast
import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ingestion.declaration import Source, load_sources, source_by_id
from ingestion.geography import MUNICIPALITY_CODES
from orchestration.source_files import files_of, mismatches, undecided

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ingestion", "warehouse", "expectations", "orchestration")
DBT = ROOT / "dbt_project"
LONGEST_FUNCTION, LONGEST_FILE, LONGEST_MODEL = 40, 400, 100
LARGEST_FILE = 1_000_000
SETTINGS = "orchestration/settings.py"
# These set variables for dbt, Dagster and Great Expectations; settings alone reads the product's.
MAY_SET_VARIABLES = {
    SETTINGS,
    "orchestration/transform.py",
    "orchestration/job.py",
    "expectations/engine.py",
}
ENVIRONMENT = {"environ", "environb", "getenv", "putenv", "unsetenv"}


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """Files that git tracks or would track; without git, none can be judged."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git work tree")
    names = [name for name in done.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """The import-linter on the packages of a folder."""
    program = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    asked = [sys.executable, "-c", program, "--config", "pyproject.toml", "--no-cache"]
    return subprocess.run(
        asked, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": "."}
    )


def test_the_import_contracts_are_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("ingestion/freshness.py", "import dagster"),
        ("ingestion/http.py", "import duckdb"),
        ("ingestion/freshness.py", "import warehouse.layout"),
        ("warehouse/landing.py", "import great_expectations"),
        ("warehouse/landing.py", "import expectations.rules"),
        ("expectations/rules.py", "import orchestration.settings"),
    ],
)
def test_a_planted_import_across_a_border_is_seen(tmp_path: Path, file: str, line: str) -> None:
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("data", "__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as handle:
        handle.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def uses_environment(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            return any(alias.name in ENVIRONMENT for alias in node.names)
    return False


def test_only_settings_reads_the_environment() -> None:
    users = {relative(p) for p in modules() if uses_environment(ast.parse(p.read_bytes()))}
    assert users == MAY_SET_VARIABLES


def read_variables(path: Path) -> set[str]:
    """``KLIMAMONITOR_…`` names that a module spells out in text."""
    return set(re.findall(r"KLIMAMONITOR_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8")))


def settings_variables() -> set[str]:
    from ingestion.declaration import provider_urls

    found = read_variables(ROOT / SETTINGS)
    return found | {f"KLIMAMONITOR_{provider.upper()}_URL" for provider in provider_urls()}


def test_no_other_module_reads_a_setting() -> None:
    pattern = re.compile(r"(environ|getenv)[^\n]*KLIMAMONITOR_")
    for path in modules():
        for line in path.read_text(encoding="utf-8").splitlines():
            is_setting = re.search(r"environ\[[^]]*\] = ", line)
            assert relative(path) == SETTINGS or is_setting or not pattern.search(line), path


@pytest.mark.parametrize("document", [".env.example", "README.md"])
def test_every_setting_is_documented(document: str) -> None:
    path = ROOT / document
    if not path.exists():
        pytest.skip(f"there is no {document}")
    text = path.read_text(encoding="utf-8")
    assert {name for name in settings_variables() if name not in text} == set()


def test_every_documented_setting_is_read() -> None:
    documented = {name.removesuffix("_FILE") for name in read_variables(ROOT / ".env.example")}
    assert documented <= settings_variables()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_no_function_is_too_long_to_see_whole() -> None:
    long = [
        f"{relative(path)} {name}: {lines} lines"
        for path in modules()
        for name, lines in functions(path)
        if lines > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_is_too_long() -> None:
    long = [relative(p) for p in modules() if p.read_bytes().count(b"\n") > LONGEST_FILE]
    assert long == []


def test_no_test_file_is_far_too_long() -> None:
    files = (ROOT / "tests").rglob("*.py")
    assert [relative(p) for p in files if p.read_bytes().count(b"\n") > 2 * LONGEST_FILE] == []


def test_every_function_is_annotated() -> None:
    bare = [
        f"{relative(path)} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef) and node.returns is None
    ]
    assert bare == []


def test_no_module_is_a_drawer_for_anything() -> None:
    drawers = {"utils", "util", "common", "helpers", "misc"}
    everything = [*modules(), *(ROOT / "tests").rglob("*.py")]
    assert [relative(p) for p in everything if drawers & {*p.parts, p.stem}] == []


def test_every_package_says_what_belongs_there() -> None:
    for path in modules():
        assert ast.get_docstring(ast.parse(path.read_bytes())), relative(path)


@pytest.mark.parametrize("source", load_sources(), ids=lambda source: source.id)
def test_a_declared_source_has_its_staging_model_and_its_expectations(source: Source) -> None:
    models = [
        path
        for path in (DBT / "models" / "staging").rglob(f"{source.staging_model}.sql")
        if path.is_file()
    ]
    assert len(models) == 1, source.staging_model
    described = models[0].with_suffix(".yml")
    assert described.exists(), f"{described} is missing"
    (model,) = yaml.safe_load(described.read_text(encoding="utf-8"))["models"]
    assert model["name"] == source.staging_model
    assert (ROOT / "expectations" / "sources" / f"{source.id}.yml").exists()
    assert source.id in models[0].read_text(encoding="utf-8")


def test_every_expectations_file_belongs_to_a_declared_source() -> None:
    files = {path.stem for path in (ROOT / "expectations" / "sources").glob("*.yml")}
    assert files == {source.id for source in load_sources()}


DRAFTED = ("ingestion/sources", "expectations/sources", "dbt_project/models/staging")


def test_nothing_that_was_drafted_is_left_undecided(tmp_path: Path) -> None:
    files = [p for folder in DRAFTED for p in (ROOT / folder).rglob("*") if p.is_file()]
    assert undecided(ROOT, [relative(path) for path in files]) == []
    (tmp_path / "drafted.yml").write_text("a: 1\n# DECIDE: is it one?\n", encoding="utf-8")
    assert undecided(tmp_path, ["drafted.yml"]) == ["drafted.yml:2: is it one?"]


@pytest.mark.parametrize("source", load_sources(), ids=lambda source: source.id)
def test_staging_follows_the_declaration(source: Source) -> None:
    assert mismatches(ROOT, source) == []


def test_a_model_that_does_not_follow_is_told(tmp_path: Path) -> None:
    source = source_by_id("statbank_are207")
    files = files_of(source.id, source.provider, source.staging_model)
    for name in ("staging model", "its yml"):
        (tmp_path / files[name]).parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / files[name]).read_text(encoding="utf-8")
        text = text.replace("area_km2,", "area_ha as area_km2,").replace(", year]", ", period]")
        (tmp_path / files[name]).write_text(text, encoding="utf-8")
    assert mismatches(tmp_path, source) == [
        "stg_statbank__areas.sql reads area_ha, which is not declared",
        "stg_statbank__areas.yml tests period, which it has not",
    ]


def test_no_two_sources_share_a_staging_model() -> None:
    names = [source.staging_model for source in load_sources()]
    assert len(set(names)) == len(names)


def test_the_register_of_municipalities_and_the_border_of_ingestion_agree() -> None:
    path = DBT / "seeds" / "municipalities.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        codes = [row["municipality_code"] for row in csv.DictReader(handle)]
    assert sorted(codes) == list(MUNICIPALITY_CODES)
    assert len(set(codes)) == 98


def models() -> list[Path]:
    folders = ("models", "tests", "macros", "analyses")
    return sorted(path for folder in folders for path in (DBT / folder).rglob("*.sql"))


def test_no_model_is_too_long() -> None:
    assert models()
    long = [relative(p) for p in models() if p.read_bytes().count(b"\n") > LONGEST_MODEL]
    assert long == []


def test_every_model_has_one_yml_beside_it() -> None:
    missing = [
        relative(path)
        for path in (DBT / "models").rglob("*.sql")
        if not path.with_suffix(".yml").exists()
    ]
    assert missing == []


# Written apart, so that this file does not hold what it forbids.
FORBIDDEN = (
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/Us" + "ers/",
    "files.python" + "hosted",
    "pypi" + ".org",
    "registry" + ".npmjs",
    "proxy.golang" + ".org",
    "index" + "-url",
)


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        text = path.read_bytes()
        found += [f"{relative(path)}: {word}" for word in FORBIDDEN if word.encode() in text]
    assert found == []


def test_no_large_file_is_tracked_outside_the_snapshot() -> None:
    large = [relative(p) for p in tracked() if p.stat().st_size > LARGEST_FILE]
    assert [name for name in large if not name.startswith("ingestion/snapshot/data/")] == []


def test_no_state_or_secret_is_tracked() -> None:
    names = {relative(path) for path in tracked()}
    kept = {".env", "data", "target"}
    assert not {name for name in names if name.split("/")[0] in kept}
    assert not {name for name in names if name.endswith((".duckdb", ".wal", ".pyc"))}
