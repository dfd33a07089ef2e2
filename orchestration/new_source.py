"""Writing the files of a new source: declaration, gate rules, staging model, and a sample.

What the provider says of its table is ``ingestion/drafting``, what stands in the files
``orchestration/new_source_texts.py``. A line that a person must look at bears ``DECIDE``; a
structure test refuses a project in which one is left.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.declaration import load_source
from ingestion.drafting import Draft, Wanted, drafter
from ingestion.errors import DeclarationError
from orchestration import new_source_texts as texts
from orchestration.intake import Intake
from orchestration.registers import catalogue
from orchestration.settings import PROJECT, Settings
from orchestration.source_files import files_of, undecided

NAME, PROVIDER = re.compile(r"[a-z][a-z0-9_]*"), re.compile(r"[a-z][a-z0-9]*")


@dataclass(frozen=True)
class NewSource:
    """What was written, relative to the project, the lines that a person must decide, and where
    files of the source are left.
    """

    source_id: str
    files: list[str]
    to_decide: list[str]
    inbox: str | None = None


def write_new_source(settings: Settings, wanted: Wanted, project: Path = PROJECT) -> NewSource:
    """Ask a provider what a table is, or look at a file, and write the files of its source.

    Args:
        settings: how providers are reached.
        wanted: what the source is to be called, and where its table is.
        project: the folder of the project.

    Raises:
        DeclarationError: the name is none or is taken, or the table cannot be a source.
        SourceError: the provider does not answer, or does not know the table.
    """
    source_id, provider = wanted.source_id, wanted.provider
    files = files_of(source_id, provider, f"stg_{provider}__{wanted.entity}")
    files["sample"] = f"tests/samples/{source_id}.json"
    if taken := [path for path in files.values() if (project / path).exists()]:
        raise DeclarationError(f"There already: {', '.join(taken)}. Nothing was written.")
    access = replace(Intake(settings, "new-source").access(provider), embedded=None)
    draft = drafter(wanted).draft(replace(wanted, spellings=catalogue().spellings), access)
    for path, text in zip(files.values(), _texts(draft), strict=True):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    load_source(project / files["declaration"])
    names = list(files.values())
    is_left = draft.declaration["request"].get("page") is None and wanted.file is not None
    inbox = f"{settings.layout.inbox / source_id}/" if is_left else None
    return NewSource(source_id, names, undecided(project, names), inbox)


def named(name: str, provider: str) -> Wanted:
    """A new source by its name, with or without the provider's before it.

    Args:
        name: what a row is, in the plural, such as ``heated_buildings``.
        provider: one of ``providers.yml``, or who else has a file; ``file`` is nobody in special.

    Raises:
        DeclarationError: one of the two is no name.
    """
    entity = name.removeprefix(f"{provider}_")
    for word, form in ((entity, NAME), (provider, PROVIDER)):
        if not form.fullmatch(word):
            raise DeclarationError(f"{word!r}: write small letters, digits and _, a letter first.")
    return Wanted(f"{provider}_{entity}", entity, provider)


def _texts(draft: Draft) -> list[str]:
    return [
        texts.declaration_text(draft),
        texts.rules_text(draft),
        texts.model_text(draft),
        texts.description_text(draft),
        texts.sample_text(draft),
    ]
