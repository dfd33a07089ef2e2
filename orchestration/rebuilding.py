"""Making a past publication, or a mixture of two, again: by its own SQL, from its kept inputs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestration.fingerprint import code_digest, dbt_fingerprint, project_digest
from orchestration.settings import DBT_PROJECT
from orchestration.transform import build_nodes, ensure_parsed, parse, read_parsed
from warehouse.causes import SEEDS, Mixture, Side
from warehouse.draft import Draft, prepare
from warehouse.inputs import Inputs, InputsError, read_inputs, unpack_project
from warehouse.layout import Layout

PARSED = "parsed"
NO_TESTS = ["--exclude-resource-type", "test", "unit_test"]


@dataclass(frozen=True)
class Project:
    """A dbt project on the disk, parsed when first asked for."""

    folder: Path
    digest: str

    @cached_property
    def parsed(self) -> Path:
        """The folder of the parsed project."""
        if self.folder == DBT_PROJECT:
            return ensure_parsed().parent
        parsed = self.folder.parent / PARSED
        if not parsed.exists():
            parse(self.folder, self.digest, parsed)
        return parsed

    @cached_property
    def nodes(self) -> dict[str, Any]:
        """What dbt's ``manifest.json`` says of each node."""
        manifest = json.loads((self.parsed / "manifest.json").read_text(encoding="utf-8"))
        nodes: dict[str, Any] = manifest["nodes"]
        return nodes

    def side(self, inputs: Inputs) -> Side:
        """The inputs of a publication with this, its project."""
        return Side(inputs, self.folder, code_digest(self.folder))


class Workshop:
    """Where past publications are made again: a folder that its owner takes away."""

    def __init__(self, layout: Layout, folder: Path) -> None:
        self.layout, self.folder = layout, folder
        self.projects: dict[str, Project] = {}

    def project(self, digest: str) -> Project:
        """A kept project; this process's own when it is the same.

        Raises:
            InputsError: it is not there, or not what it was.
        """
        if digest not in self.projects:
            self.projects[digest] = self._opened(digest)
        return self.projects[digest]

    def _opened(self, digest: str) -> Project:
        if digest == dbt_fingerprint():
            return Project(DBT_PROJECT, digest)
        folder = self.folder / digest / "dbt_project"
        unpack_project(self.layout, digest, folder)
        if project_digest(folder) != digest:
            raise InputsError(f"The dbt project {digest[:16]} is not what it was.")
        return Project(folder, digest)

    def side(self, version: str) -> Side:
        """What a publication was made of.

        Raises:
            InputsError: it was not kept, or is not what it was.
        """
        inputs = read_inputs(self.layout, version)
        return self.project(inputs.project).side(inputs)

    def again(self, inputs: Inputs) -> Draft:
        """A whole publication, made again; its tests were run when it was made.

        Raises:
            InputsError: its dbt project was not kept, or is not what it was.
            TransformError: a model could not be built.
        """
        project = self.project(inputs.project)
        draft = prepare(self.layout, Draft("whole", self.folder / "whole"), inputs)
        build_nodes(draft, NO_TESTS, read_parsed(project.parsed), project=project.folder)
        return draft

    def mixed(self, mixture: Mixture, number: int, tables: Iterable[str]) -> Draft:
        """Some tables of a mixture, with what they rest on and without tests.

        Raises:
            TransformError: a model could not be built.
        """
        project = self.project(mixture.code.inputs.project)
        name = f"mixture-{number}"
        draft = prepare(self.layout, Draft(name, self.folder / name), mixture.inputs)
        seeds = draft.folder / "registers" / SEEDS
        seeds.mkdir(parents=True)
        for name, register in mixture.registers.items():
            register.write(seeds / f"{name}.csv")
        manifest = read_parsed(project.parsed)
        for node in manifest.nodes.values():
            if node.resource_type == "seed":
                node.root_path = str(seeds.parent)
        known = {node["name"] for node in project.nodes.values()}
        wanted = [f"+{name}" for name in tables if name in known]
        build_nodes(draft, ["--select", *wanted, *NO_TESTS], manifest, project=project.folder)
        return draft
