"""StatBank over loopback: what is asked, and which answers are believed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from ingestion.casting import require_no_findings
from ingestion.declaration import Source, source_by_id
from ingestion.errors import AnswerError, ProviderError, SourceError
from ingestion.protocols import statbank
from ingestion.snapshot.protocol import Request
from tests.ingestion.reading import (
    EMBEDDED,
    cast_text,
    look_and_fetch,
    over_loopback,
    read_text,
    refusal,
    snapshot_text,
)
from tests.providers import faults
from tests.providers.faults import Fault, Row, on_json, on_rows
from tests.providers.server import Providers, running

ARE207 = source_by_id("statbank_are207")
BIL54 = source_by_id("statbank_bil54")
BOL102 = source_by_id("statbank_bol102")
FOLK1A = source_by_id("statbank_folk1a")
STATBANK = [source for source in EMBEDDED if source.provider == "statbank"]


def is_data(request: Request) -> bool:
    return request.path == "/data"


def asked_for_data(providers: Providers) -> list[dict[str, Any]]:
    return [json.loads(s.body) for s in providers.asked("statbank") if s.path == "/data"]


def refused(providers: Providers, source: Source, *steps: Fault) -> SourceError:
    """What is said of a source whose data go through the faults."""
    providers.fail("statbank", is_data, *steps)
    return refusal(source, over_loopback(providers, source))


def redescribed(providers: Providers, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the provider's description of every table."""

    def fault(payload: Any) -> Any:
        change(payload)
        return payload

    providers.fail("statbank", "/tableinfo", on_json(fault))


@pytest.mark.parametrize("source", STATBANK, ids=lambda source: source.id)
def test_one_request_per_table_asks_for_codes_in_english(
    providers: Providers, source: Source
) -> None:
    text = read_text(source, over_loopback(providers, source))
    pd.testing.assert_frame_equal(text, snapshot_text(source.id))
    assert [seen.path for seen in providers.requests] == ["/tableinfo", "/data"]
    (body,) = asked_for_data(providers)
    assert body["table"] == source.table
    assert body["format"] == "CSV"
    assert (body["lang"], body["valuePresentation"]) == ("en", "Code")
    assert "timeOrder" not in body


def test_a_declared_selection_is_sent_as_it_was_declared(providers: Providers) -> None:
    read_text(BIL54, over_loopback(providers, BIL54))
    asked = {v["code"]: v["values"] for v in asked_for_data(providers)[0]["variables"]}
    assert asked["OMRÅDE"] == ["*"]
    assert asked["Tid"] == [">=2018M01"]
    assert asked["BRUG"] == ["1100"]


def test_the_stamp_is_the_tables_own_time_of_update(providers: Providers) -> None:
    access = over_loopback(providers, ARE207)
    first = statbank.look(ARE207, access)
    assert first.provider_updated_at == "2026-02-27T08:00:00"
    assert statbank.look(ARE207, access).stamp == first.stamp
    providers.fail("statbank", "/tableinfo", faults.with_fields({"updated": "2026-03-01T08:00:00"}))
    assert statbank.look(ARE207, access).stamp != first.stamp


def test_a_table_that_is_no_longer_kept_up_is_told(providers: Providers) -> None:
    access = over_loopback(providers, ARE207)
    assert statbank.look(ARE207, access).is_active
    providers.fail("statbank", "/tableinfo", faults.retired())
    assert not statbank.look(ARE207, access).is_active


def test_a_table_that_does_not_exist_is_told_in_the_providers_words(providers: Providers) -> None:
    source = ARE207.model_copy(update={"table": "ARE208"})
    error = refusal(source, over_loopback(providers, source))
    assert isinstance(error, ProviderError)
    assert "EXTRACT-NOTFOUND: Table does not exist: ARE208" in error.message


def shortened(keep: float) -> Fault:
    return faults.truncated(keep)


def cut_inside_a_row(answer: Any) -> Any:
    """Cut within a figure, length restated, as a proxy that gives up does it."""
    lines = answer.body.splitlines(keepends=True)
    kept = b"".join(lines[: len(lines) // 2])
    return replace(answer, body=kept.rstrip(b"\r\n")[:-1])


def without_last_row(rows: list[Row]) -> list[Row]:
    return rows[:-1]


def one_row_twice_another_gone(rows: list[Row]) -> list[Row]:
    return [*rows[:-1], rows[0]]


@pytest.mark.parametrize("source", [ARE207, BIL54, BOL102], ids=lambda source: source.id)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(on_rows(without_last_row), "answer-short", id="last row gone"),
        pytest.param(shortened(0.5), "answer-short", id="half"),
        pytest.param(shortened(0), "answer-short", id="header only"),
        pytest.param(cut_inside_a_row, "answer-short", id="cut inside a row"),
        pytest.param(faults.duplicated_rows(), "rows-twice", id="all twice"),
        pytest.param(faults.duplicated_rows(1), "rows-twice", id="one twice"),
        pytest.param(on_rows(one_row_twice_another_gone), "rows-twice", id="one for another"),
        pytest.param(faults.unknown_municipality("999"), "codes-stray", id="stray municipality"),
    ],
)
def test_an_answer_that_is_not_the_whole_selection_is_refused(
    providers: Providers, source: Source, fault: Fault, code: str
) -> None:
    error = refused(providers, source, fault)
    assert isinstance(error, AnswerError)
    assert error.code == code
    assert source.table in error.message


def test_wherever_an_answer_is_cut_it_is_refused(providers: Providers) -> None:
    source = source_by_id("statbank_laby25")
    answer = look_and_fetch(source, over_loopback(providers, source))[1]
    last_figure = answer.content.rindex(b";") + 1
    for at in {*range(0, last_figure, 41), *range(last_figure - 30, last_figure)}:
        with pytest.raises(AnswerError):
            require_no_findings(
                cast_text(source, statbank.parse(source, answer.content[:at], answer.request)),
                source,
            )


def test_rows_in_another_order_are_the_same_release(providers: Providers) -> None:
    providers.fail("statbank", is_data, on_rows(lambda rows: rows[::-1]))
    text = read_text(ARE207, over_loopback(providers, ARE207))
    ours, theirs = cast_text(ARE207, text), cast_text(ARE207, snapshot_text(ARE207.id))
    pd.testing.assert_frame_equal(ours.frame, theirs.frame)


def test_over_the_cell_limit_bulk_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statbank, "CELL_LIMIT", 5_000)
    with running(cell_limit=5_000) as providers:
        text = read_text(ARE207, over_loopback(providers, ARE207))
        assert [body["format"] for body in asked_for_data(providers)] == ["BULK"]
    ours, theirs = cast_text(ARE207, text), cast_text(ARE207, snapshot_text(ARE207.id))
    pd.testing.assert_frame_equal(ours.frame, theirs.frame)


def test_bulk_leaves_out_only_what_equals_the_suppressed_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statbank, "CELL_LIMIT", 100)
    with running(cell_limit=100) as providers:
        text = read_text(BIL54, over_loopback(providers, BIL54))
    whole = snapshot_text(BIL54.id)
    pd.testing.assert_frame_equal(text, whole[whole["INDHOLD"] != "0"].reset_index(drop=True))


def test_bulk_names_every_variable_and_its_totals_are_taken_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statbank, "CELL_LIMIT", 100)
    with running(cell_limit=100) as providers:
        text = read_text(BOL102, over_loopback(providers, BOL102))
        (body,) = asked_for_data(providers)
    asked = {variable["code"]: variable["values"] for variable in body["variables"]}
    assert asked["TOILET"] == asked["BAD"] == asked["KOEKKEN"] == ["TOT"]
    whole = snapshot_text(BOL102.id)
    pd.testing.assert_frame_equal(text, whole[whole["INDHOLD"] != "0"].reset_index(drop=True))


def summed_in(cells: dict[str, str], area: str = "101") -> str:
    """The dwellings of one cell whose answer is split by a variable that is summed over."""
    codes = {"AMT": [area], "BEBO": ["1000"], "TOILET": list(cells), "Tid": ["2026"]}
    codes["OPVARMNING"] = ["CO"]
    expected = {"codes": codes, "time": "Tid", "geography": "AMT"}
    lines = [f"{area};1000;CO;{code};2026;{value}" for code, value in cells.items()]
    content = "\r\n".join(["AMT;BEBO;OPVARMNING;TOILET;TID;INDHOLD", *lines, ""]).encode()
    request = {"body": {"format": "CSV"}, "expected": expected}
    frame = statbank.parse(BOL102, content, request)
    assert list(frame.columns) == ["AMT", "BEBO", "OPVARMNING", "TID", "INDHOLD"]
    (figure,) = frame["INDHOLD"].to_list()
    return str(figure)


@pytest.mark.parametrize(
    ("figures", "summed"),
    [
        (("1", "2", "3"), "6"),
        (("0.1", "0.2", "0"), "0.3"),
        (("1", "-", "2"), "3"),
        (("1", "..", "2"), ".."),
        (("1", "", "2"), ""),
    ],
)
def test_a_sum_over_a_variable_is_exact_and_missing_where_a_part_is(
    figures: tuple[str, ...], summed: str
) -> None:
    assert summed_in(dict(zip(("A", "B", "C"), figures, strict=True))) == summed


def test_a_sum_of_what_is_no_number_is_refused() -> None:
    with pytest.raises(AnswerError, match="cannot be summed"):
        summed_in({"A": "1", "B": "1,5"})


def test_a_variable_that_cannot_be_left_out_is_asked_for_in_csv_too(providers: Providers) -> None:
    def kept(info: dict[str, Any]) -> None:
        for variable in info["variables"]:
            if variable["id"] == "TOILET":
                variable["elimination"] = False

    redescribed(providers, kept)
    text = read_text(BOL102, over_loopback(providers, BOL102))
    asked = {v["code"]: v["values"] for v in asked_for_data(providers)[0]["variables"]}
    assert asked["TOILET"] == ["TOT"]
    assert "BAD" not in asked
    pd.testing.assert_frame_equal(text, snapshot_text(BOL102.id))


def test_without_the_switch_the_provider_would_refuse_in_its_own_words() -> None:
    with running(cell_limit=5_000) as providers:
        error = refusal(ARE207, over_loopback(providers, ARE207))
    assert "REQUEST-LIMIT" in error.message
    assert "Use BULK" in error.message


@pytest.mark.parametrize("change", [without_last_row, lambda rows: rows[: len(rows) // 2]])
def test_a_bulk_answer_without_a_municipality_or_period_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[list[Row]], list[Row]]
) -> None:
    monkeypatch.setattr(statbank, "CELL_LIMIT", 100)
    with running(cell_limit=100) as providers:
        assert refused(providers, ARE207, on_rows(change)).code == "answer-short"


def test_the_limit_counts_cells_as_the_provider_does() -> None:
    codes = {"OMRÅDE": ["a"] * 10, "KØN": ["b"], "Tid": ["c"] * 4}
    selection = statbank.Selection(codes, "Tid", {})
    assert (selection.rows, selection.cells) == (40, 200)


def refused_or_findings(providers: Providers, source: Source) -> SourceError:
    """The refusal, be it in reading or in casting."""
    with pytest.raises(SourceError) as caught:
        require_no_findings(
            cast_text(source, read_text(source, over_loopback(providers, source))), source
        )
    return caught.value


def test_an_answer_in_danish_is_refused_for_its_periods(providers: Providers) -> None:
    providers.mishear("statbank", is_data, faults.in_danish)
    assert refused_or_findings(providers, FOLK1A).code == "codes-stray"


def test_an_answer_in_danish_is_refused_for_its_decimal_commas(providers: Providers) -> None:
    providers.mishear("statbank", is_data, faults.in_danish)
    assert refused_or_findings(providers, ARE207).code == "number-form"


def test_decimal_commas_are_refused_with_the_place(providers: Providers) -> None:
    providers.fail("statbank", is_data, faults.decimal_commas())
    error = refused_or_findings(providers, ARE207)
    assert error.code == "number-form"
    assert "area_km2" in error.message


def test_labels_instead_of_codes_are_refused(providers: Providers) -> None:
    def in_words(request: Request) -> Request:
        body = {**json.loads(request.body), "valuePresentation": "Value"}
        return replace(request, body=json.dumps(body).encode())

    providers.mishear("statbank", is_data, in_words)
    assert refused_or_findings(providers, ARE207).code == "codes-stray"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(faults.latin1(), "encoding", id="latin-1"),
        pytest.param(faults.html(), "answer-html", id="web page"),
        pytest.param(faults.empty(), "answer-empty", id="empty"),
        pytest.param(faults.renamed_column("INDHOLD", "VALUE"), "dimensions", id="renamed"),
        pytest.param(faults.missing_column("TID"), "dimensions", id="missing"),
        pytest.param(faults.extra_column("KØN", "TOT"), "dimensions", id="extra"),
        pytest.param(lambda a: replace(a, body=b'"\r\n' + a.body), "answer-csv", id="no csv"),
    ],
)
def test_an_answer_in_another_form_is_refused(
    providers: Providers, fault: Fault, code: str
) -> None:
    error = refused(providers, ARE207, fault)
    assert (error.code, error.state) == (code, "quarantined")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(faults.html(), "answer-html", id="web page"),
        pytest.param(faults.empty(), "answer-empty", id="empty"),
        pytest.param(on_json(lambda _: []), "answer-shape", id="a list"),
        pytest.param(on_json(lambda _: {"id": "ARE207"}), "answer-shape", id="no variables"),
        pytest.param(lambda a: replace(a, body=b"{"), "answer-json", id="no json"),
    ],
)
def test_a_description_in_another_form_is_refused(
    providers: Providers, fault: Fault, code: str
) -> None:
    providers.fail("statbank", "/tableinfo", fault)
    assert refusal(ARE207, over_loopback(providers, ARE207)).code == code
    assert asked_for_data(providers) == []


def test_a_new_variable_that_would_be_summed_silently_is_refused_before_asking(
    providers: Providers,
) -> None:
    added = {"id": "EJER", "text": "owner", "elimination": True, "time": False, "values": []}
    redescribed(providers, lambda info: info["variables"].insert(0, added))
    error = refusal(ARE207, over_loopback(providers, ARE207))
    assert error.code == "variables-changed"
    assert "new: EJER" in error.message
    assert "ingestion/sources/statbank_are207.yml" in error.hint
    assert asked_for_data(providers) == []


def test_a_variable_that_is_gone_is_refused_before_asking(providers: Providers) -> None:
    redescribed(providers, lambda info: info["variables"].pop(0))
    error = refusal(ARE207, over_loopback(providers, ARE207))
    assert "gone: OMRÅDE" in error.message
    assert asked_for_data(providers) == []


def without_code(variable: str, code: str) -> Callable[[dict[str, Any]], None]:
    def change(info: dict[str, Any]) -> None:
        (found,) = [v for v in info["variables"] if v["id"] == variable]
        found["values"] = [value for value in found["values"] if value["id"] != code]

    return change


def test_a_required_code_that_is_gone_is_refused_before_asking(providers: Providers) -> None:
    redescribed(providers, without_code("DRIV", "20225"))
    error = refusal(BIL54, over_loopback(providers, BIL54))
    assert error.code == "code-gone"
    assert "DRIV does not offer 20225" in error.message
    assert asked_for_data(providers) == []


def test_an_optional_code_that_is_gone_is_not_asked_for(providers: Providers) -> None:
    redescribed(providers, without_code("DRIV", "20231"))
    text = read_text(BIL54, over_loopback(providers, BIL54))
    assert set(text["DRIV"]) == {"20200", "20225", "20232"}
    (body,) = asked_for_data(providers)
    assert "20231" not in json.dumps(body)


def without_rows(code: str) -> Fault:
    return on_rows(lambda rows: [row for row in rows if row["DRIV"] != code])


def test_an_optional_code_without_any_row_is_fine(providers: Providers) -> None:
    providers.fail("statbank", is_data, without_rows("20231"))
    text = read_text(BIL54, over_loopback(providers, BIL54))
    assert len(text) == 98 * 3


def test_a_required_code_without_any_row_is_refused(providers: Providers) -> None:
    assert refused(providers, BIL54, without_rows("20225")).code == "answer-short"


def test_an_optional_code_with_some_of_its_rows_is_refused(providers: Providers) -> None:
    def some(rows: list[Row]) -> list[Row]:
        return [row for row in rows if row["DRIV"] != "20231" or row["OMRÅDE"] < "500"]

    assert refused(providers, BIL54, on_rows(some)).code == "answer-short"


def test_nothing_about_contact_persons_is_kept(providers: Providers) -> None:
    people = [{"name": "A Person", "mail": "a@example.org", "phone": "1"}]
    redescribed(providers, lambda info: info.update(contacts=people))
    answer = look_and_fetch(ARE207, over_loopback(providers, ARE207))[1]
    assert "A Person" not in json.dumps(answer.request)
    assert b"A Person" not in answer.content
