"""The schema that editors read beside the declarations is the one of the code."""

from pathlib import Path

import pytest

from ingestion import declaration


def test_the_schema_file_for_editors_is_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = declaration.SCHEMA_FILE.read_bytes()
    monkeypatch.setattr(declaration, "SCHEMA_FILE", tmp_path / "source.schema.json")
    declaration.write_schema()
    written = (tmp_path / "source.schema.json").read_bytes()
    assert shipped == written, "run python -m ingestion.declaration"
