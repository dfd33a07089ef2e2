"""A dbt project of a few real models: a whole refresh takes seconds and can be killed often."""

import json
import shutil
from pathlib import Path
from typing import Any

from orchestration.settings import DBT_PROJECT
from orchestration.transform import ensure_parsed

KEPT = (
    "dim_indicator",
    "dim_municipality",
    "dim_panel",
    "dim_region",
    "dim_source",
    "dim_year",
    "fct_publication_change",
    "fct_source_freshness",
    "fct_submission",
    "publication_log",
)
STAGED = ("stg_statbank__dwellings", "stg_statbank__household_waste")
FROM_ACCEPTED_ROWS = "\nunion all\n".join(
    f"select '{name}' as model, date '2027-01-01' as valid_from_date, count(*) as rows_count, "
    f"max(release_id) as release_id from {{{{ ref('{name}') }}}}"
    for name in STAGED
)
ITS_CONTRACT = """\
version: 2

models:
  - name: fct_requirement_period
    description: Stands for the tables that are made of accepted rows.
    config:
      meta: {key: [model]}
    columns:
      - {name: model, data_type: varchar, description: The model whose rows are counted.}
      - {name: valid_from_date, data_type: date, description: A day on which something changes.}
      - {name: rows_count, data_type: bigint, description: Its rows.}
      - {name: release_id, data_type: varchar, description: Their release.}
"""


def small_project(folder: Path) -> Path:
    """Copy the published models of ``KEPT`` with all they are made of."""
    parsed: dict[str, Any] = json.loads(ensure_parsed().read_text(encoding="utf-8"))
    nodes = parsed["nodes"]
    waiting = [u for u, node in nodes.items() if node["name"] in (*KEPT, *STAGED)]
    wanted: set[str] = set()
    while waiting:
        uid = waiting.pop()
        if uid in nodes and uid not in wanted:
            wanted.add(uid)
            waiting += nodes[uid]["depends_on"].get("nodes", [])
    for name in ("macros", "tests/generic", "seeds"):
        shutil.copytree(DBT_PROJECT / name, folder / name)
    shutil.copy(DBT_PROJECT / "profiles.yml", folder)
    declared = (DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    seeds = {nodes[uid]["name"]: {"+enabled": True} for uid in wanted if uid.startswith("seed")}
    enabled = json.dumps({"klimamonitor": {"+enabled": False, **seeds}})
    (folder / "dbt_project.yml").write_text(f"{declared}\nseeds: {enabled}\n", encoding="utf-8")
    for uid in wanted:
        path = Path(nodes[uid]["original_file_path"])
        copied(folder, path.as_posix())
        copied(folder, path.with_suffix(".yml").as_posix())
    model = folder / "models" / "publication" / "fct_requirement_period.sql"
    model.write_text(FROM_ACCEPTED_ROWS, encoding="utf-8")
    model.with_suffix(".yml").write_text(ITS_CONTRACT, encoding="utf-8")
    return folder


def copied(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(DBT_PROJECT / name, folder / name)
