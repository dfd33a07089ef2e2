"""Declarations: what is refused, and that every one that ships is whole."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations.rules import source_rules
from ingestion import declaration
from ingestion.declaration import (
    SOURCES_FOLDER,
    ColumnType,
    Source,
    load_providers,
    load_source,
    load_sources,
    provider_urls,
    source_by_id,
)
from ingestion.errors import DeclarationError
from ingestion.protocols import protocol_for

ARE207 = SOURCES_FOLDER / "statbank_are207.yml"
SOURCES = load_sources()


def changed(folder: Path, change: dict[str, Any], name: str = "statbank_are207.yml") -> Path:
    """A copy of a shipped declaration with some of its keys replaced."""
    facts = yaml.safe_load(ARE207.read_text(encoding="utf-8"))
    path = folder / name
    path.write_text(yaml.safe_dump({**facts, **change}, allow_unicode=True), encoding="utf-8")
    return path


def columns(*changes: dict[str, Any]) -> dict[str, Any]:
    given = yaml.safe_load(ARE207.read_text(encoding="utf-8"))["columns"]
    return {"columns": [{**column, **more} for column, more in zip(given, changes, strict=True)]}


def test_an_unknown_key_is_refused_and_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"statbank_are207\.yml(.|\n)*cadense") as caught:
        load_source(changed(tmp_path, {"cadense": "yearly"}))
    assert "Edit statbank_are207.yml" in str(caught.value)


def test_an_unknown_key_of_a_column_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"columns\.2\.unti"):
        load_source(changed(tmp_path, columns({}, {}, {"unti": "km2"})))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="two columns are called year"):
        load_source(changed(tmp_path, columns({"name": "year"}, {}, {})))


def test_a_pattern_that_is_none_is_refused(tmp_path: Path) -> None:
    request = {"protocol": "file_drop", "delimiter": ";", "encoding": "utf-8", "decimal_mark": ","}
    with pytest.raises(DeclarationError, match=r"'20\[' is no pattern"):
        load_source(changed(tmp_path, {"request": {**request, "left_out_like": "20["}}))


def test_only_municipalities_are_written_by_name(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="by_name is of municipalities only"):
        load_source(changed(tmp_path, columns({}, {"by_name": True}, {})))


def test_an_unknown_protocol_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="protocol"):
        load_source(changed(tmp_path, {"request": {"protocol": "ftp"}}))


def test_broken_yaml_is_refused_and_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "statbank_are207.yml"
    path.write_text("id: [", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"statbank_are207\.yml"):
        load_source(path)


def test_the_id_must_be_the_name_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"Name the file statbank_are207\.yml"):
        load_source(changed(tmp_path, {}, name="areas.yml"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (columns({}, {}, {"unit": None}), "a measure needs a unit"),
        (columns({}, {}, {"key": True}), "a measure needs a unit and cannot be a key"),
        (columns({}, {"type": "code"}, {}), "one period column is needed"),
        (columns({"type": "year"}, {}, {}), "one period column is needed"),
        (columns({}, {"type": "hour"}, {}), "hours are fetched in windows"),
        (columns({"type": "code"}, {}, {}), "geography and a municipality column go together"),
        (columns({"key": False}, {"key": False}, {}), "at least one key column"),
        (columns({}, {}, {"type": "code", "codes": {"1": "one"}}), "one measure"),
        (columns({"name": "Område"}, {}, {}), "name"),
    ],
)
def test_a_table_that_cannot_be_monitored_is_refused(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(DeclarationError, match=told):
        load_source(changed(tmp_path, change))


def test_a_new_file_is_a_new_source_and_nothing_else_is_needed(tmp_path: Path) -> None:
    changed(tmp_path, {"id": "statbank_skov1", "table": "SKOV1"}, name="statbank_skov1.yml")
    assert [source.id for source in load_sources(tmp_path)] == ["statbank_skov1"]


def test_an_unknown_source_is_answered_with_those_there_are() -> None:
    with pytest.raises(DeclarationError, match="statbank_are207"):
        source_by_id("statbank_are208")


def test_a_declaration_cannot_be_changed_after_loading() -> None:
    with pytest.raises(ValueError, match="frozen"):
        SOURCES[0].table = "OTHER"


@pytest.mark.parametrize("path", sorted(SOURCES_FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_a_shipped_declaration_points_editors_to_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=source.schema.json"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_a_shipped_declaration_is_whole(source: Source) -> None:
    assert source.id.startswith(f"{source.provider}_")
    assert source.published_by or source.provider in load_providers()
    # Interfaces answer with a point; how a file is written, its declaration says.
    is_left = source.request.protocol == "file_drop"
    assert is_left or protocol_for(source).conventions(source).decimal_mark == "."
    assert source.measures
    assert all(measure.unit for measure in source.measures)
    assert source.period.name in source.key
    assert source.municipality is None or "municipality_code" in source.key
    names = [column.name for column in source.columns]
    theirs = [column.provider_name for column in source.columns]
    assert len(set(names)) == len(names)
    assert len(set(theirs)) == len(theirs)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_a_shipped_declaration_has_expectations_that_each_say_why(source: Source) -> None:
    rules = source_rules(source.id)
    assert rules
    assert all(rule.why for rule in rules)
    assert len({rule.id for rule in rules}) == len(rules)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_every_measure_of_a_shipped_declaration_has_bounds(source: Source) -> None:
    assert all(m.minimum is not None and m.maximum is not None for m in source.measures)


def test_every_type_of_column_is_a_measure_a_period_or_a_fact() -> None:
    others = set(ColumnType) - declaration.MEASURES - declaration.PERIODS
    facts = {ColumnType.CODE, ColumnType.MUNICIPALITY, ColumnType.LOCAL_HOUR, ColumnType.DATE}
    assert others == facts


def test_every_provider_states_licence_and_attribution() -> None:
    for provider in load_providers().values():
        assert provider.licence
        assert provider.attribution.startswith("Kilde: ")
        assert provider.licence_url.startswith("https://")


def test_a_provider_has_an_address_unless_its_files_are_left_by_hand() -> None:
    asked = {source.provider for source in SOURCES if source.request.protocol != "file_drop"}
    assert set(provider_urls()) == asked
    assert all(url.startswith("https://") for url in provider_urls().values())
