"""Writing the files of a new source: declaration, gate rules, staging model, and a sample.

What the provider says of its table is ``ingestion/drafting``, what stands in the files
``orchestration/new_source_texts.py``. A line that a person must look at bears ``DECIDE``; a
structure test refuses a project in which one is left.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ingestion.declaration import load_providers, load_source
from ingestion.drafting import Draft, drafter
from ingestion.errors import DeclarationError
from orchestration import new_source_texts as texts
from orchestration.intake import Intake
from orchestration.settings import PROJECT, Settings
from orchestration.source_files import files_of, undecided

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class NewSource:
    """What was written, relative to the project, and the lines that a person must decide."""

    source_id: str
    files: list[str]
    to_decide: list[str]


def write_new_source(
    settings: Settings, name: str, provider: str, table: str | None, project: Path = PROJECT
) -> NewSource:
    """Ask a provider what a table is and write the files of its source.

    Args:
        settings: how providers are reached.
        name: what a row is, in the plural, such as ``heated_buildings``; with or without the
            provider's name before it.
        provider: one of ``providers.yml``.
        table: the provider's name of the table; the name in capitals when left out.
        project: the folder of the project.

    Raises:
        DeclarationError: the name is none or is taken, or the table cannot be a source.
        SourceError: the provider does not answer, or does not know the table.
    """
    entity = name.removeprefix(f"{provider}_")
    _require_possible(name, entity, provider)
    source_id = f"{provider}_{entity}"
    files = files_of(source_id, provider, f"stg_{provider}__{entity}")
    files["sample"] = f"tests/samples/{source_id}.json"
    if taken := [path for path in files.values() if (project / path).exists()]:
        raise DeclarationError(f"There already: {', '.join(taken)}. Nothing was written.")
    access = Intake(settings, "new-source").access(provider)
    draft = drafter(provider).draft(source_id, entity, table or entity.upper(), access)
    for path, text in zip(files.values(), _texts(draft), strict=True):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    load_source(project / files["declaration"])
    names = list(files.values())
    return NewSource(source_id, names, undecided(project, names))


def _require_possible(name: str, entity: str, provider: str) -> None:
    if provider not in load_providers():
        known = ", ".join(load_providers())
        raise DeclarationError(f"No provider {provider!r}. There are {known} (providers.yml).")
    if not NAME.fullmatch(entity):
        raise DeclarationError(f"{name!r}: write small letters, digits and _, a letter first.")


def _texts(draft: Draft) -> list[str]:
    return [
        texts.declaration_text(draft),
        texts.rules_text(draft),
        texts.model_text(draft),
        texts.description_text(draft),
        texts.sample_text(draft),
    ]
