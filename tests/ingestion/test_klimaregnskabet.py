"""Klimaregnskabet over loopback: one municipality and one year at a time, sinks and two totals."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion.declaration import source_by_id
from ingestion.errors import AnswerError, NotConfiguredError
from ingestion.protocols import klimaregnskabet, protocol_for
from ingestion.request import KlimaregnskabetRequest, Measure
from tests.ingestion.reading import (
    NOW,
    cast_text,
    look_and_fetch,
    over_loopback,
    read_text,
    refusal,
)
from tests.providers import faults
from tests.providers.faults import Fault, Row, on_json, on_rows
from tests.providers.server import Providers

DECLARED = source_by_id("klimaregnskabet_key_figures")
SOURCE = DECLARED.model_copy(
    update={"request": DECLARED.request.model_copy(update={"first_year": 2023})}
)
FEW = ("0101", "0580", "0825")


@pytest.fixture(autouse=True)
def few_municipalities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of the 98; each costs a request."""
    monkeypatch.setattr(klimaregnskabet, "MUNICIPALITY_CODES", FEW)


def failing(providers: Providers, match: str | None, *steps: Fault) -> None:
    providers.fail("klimaregnskabet", match, *steps)


def refused(providers: Providers, *steps: Fault) -> AnswerError:
    """What is said when one municipality's answer goes through the faults."""
    failing(providers, "municipality=580", *steps)
    error = refusal(SOURCE, over_loopback(providers, SOURCE))
    assert isinstance(error, AnswerError)
    return error


def emissions(providers: Providers) -> dict[tuple[str, str], float]:
    frame = cast_text(SOURCE, read_text(SOURCE, over_loopback(providers, SOURCE))).frame
    frame = frame[frame["measure"] == "emission"]
    keys = zip(frame["municipality_code"], frame["sector"], strict=True)
    return dict(zip(keys, frame["value"], strict=True))


def test_without_a_key_the_source_is_not_configured_and_nothing_is_asked(
    providers: Providers,
) -> None:
    for key in (None, ""):
        error = refusal(SOURCE, over_loopback(providers, SOURCE, api_key=key))
        assert isinstance(error, NotConfiguredError)
        assert error.state == "not_configured"
        assert "KLIMAMONITOR_KLIMAREGNSKABET_KEY" in error.hint
    assert providers.requests == []


def test_one_request_per_municipality_and_year_with_the_key_in_the_header(
    providers: Providers,
) -> None:
    source = DECLARED.model_copy(
        update={"request": DECLARED.request.model_copy(update={"first_year": 2022})}
    )
    read_text(source, over_loopback(providers, source))
    asked = providers.asked("klimaregnskabet")
    fetched = [(seen.query["municipality"], seen.query["year"]) for seen in asked[3:]]
    assert fetched == [(code.lstrip("0"), year) for code in FEW for year in ("2022", "2023")]
    assert {seen.headers["x-api-key"] for seen in asked} == {"a key"}
    assert {seen.query["type"] for seen in asked} == {"Nøgletal"}


def test_the_key_is_never_kept_in_what_is_landed(providers: Providers) -> None:
    answer = look_and_fetch(SOURCE, over_loopback(providers, SOURCE, api_key="geheim"))[1]
    assert b"geheim" not in answer.content
    assert "geheim" not in json.dumps(answer.request) + answer.url


def test_a_refused_key_is_told_in_the_providers_words(providers: Providers) -> None:
    failing(providers, None, faults.status(403, '{"message": "Forbidden: unknown key"}'))
    error = refusal(SOURCE, over_loopback(providers, SOURCE))
    assert (error.code, error.state) == ("http-403", "failed")
    assert "Forbidden: unknown key" in error.message


def test_the_newest_year_with_figures_is_found_by_probing_backwards(providers: Providers) -> None:
    look = klimaregnskabet.look(SOURCE, over_loopback(providers, SOURCE))
    assert look.detail == 2023
    asked = providers.asked("klimaregnskabet")
    assert [seen.query["year"] for seen in asked] == ["2025", "2024", "2023"]
    assert {seen.query["municipality"] for seen in asked} == {"101"}


def test_no_figures_for_any_recent_year_are_refused_after_a_few_probes(
    providers: Providers,
) -> None:
    late = datetime(2040, 1, 1, tzinfo=UTC)
    error = refusal(SOURCE, over_loopback(providers, SOURCE, now=late))
    assert error.code == "answer-empty"
    assert f"from {2040 - klimaregnskabet.PROBED_YEARS} to 2039" in error.message
    assert len(providers.requests) == klimaregnskabet.PROBED_YEARS < 10


def test_a_year_that_the_provider_does_not_know_is_probed_past(providers: Providers) -> None:
    failing(providers, "year=2025", faults.status(404, "No such year"))
    assert klimaregnskabet.look(SOURCE, over_loopback(providers, SOURCE)).detail == 2023


def test_a_municipality_that_the_provider_does_not_know_is_no_empty_answer(
    providers: Providers,
) -> None:
    failing(providers, "municipality=580", faults.status(404, "No such municipality"))
    error = refusal(SOURCE, over_loopback(providers, SOURCE))
    assert (error.code, error.state) == ("http-404", "failed")


def test_a_new_year_is_fetched_when_the_first_municipality_has_it(providers: Providers) -> None:
    def as_of_2023(request: Any) -> Any:
        return replace(request, query={**request.query, "year": "2023"})

    providers.mishear("klimaregnskabet", "year=2024", as_of_2023)
    text = read_text(SOURCE, over_loopback(providers, SOURCE))
    assert set(text["year"]) == {"2023", "2024"}


def stamp(providers: Providers, now: datetime = NOW) -> str:
    return klimaregnskabet.look(SOURCE, over_loopback(providers, SOURCE, now=now)).stamp


def test_the_stamp_changes_with_the_probed_figures_and_after_the_declared_days(
    providers: Providers,
) -> None:
    first = stamp(providers)
    assert stamp(providers) == first
    assert stamp(providers, NOW + timedelta(days=7)) != first
    failing(providers, "municipality=101", faults.new_release("2026-11-01"))
    assert stamp(providers) != first


def test_laesoe_is_negative_as_a_whole(providers: Providers) -> None:
    found = emissions(providers)
    assert found["0825", "Samlet"] < 0
    assert found["0101", "Samlet"] > 0


def total_without_agriculture_last(rows: list[Row]) -> list[Row]:
    """The order of the rows turned round: nothing may hang on it."""
    return rows[::-1]


def test_of_two_totals_the_one_that_closes_is_taken_whatever_their_order(
    providers: Providers,
) -> None:
    expected = emissions(providers)
    failing(providers, None, on_rows(total_without_agriculture_last))
    assert emissions(providers) == expected
    for code in FEW:
        parts = [v for (c, sector), v in expected.items() if c == code and sector != "Samlet"]
        assert expected[code, "Samlet"] == pytest.approx(sum(parts), abs=0.5)


def rows_of(total_first: float, total_second: float, agriculture: float) -> list[dict[str, Any]]:
    figures = [
        ("Energi", 100.5),
        ("Transport", 50.25),
        ("Landbrug", agriculture),
        ("Affaldsdeponi", 1.0),
        ("Kemiske processer", 2.25),
        ("Samlet", total_first),
        ("Samlet", total_second),
    ]
    made = [
        {"sektor": sector, "type": "Samlet udledning", "enhed": "Ton CO₂e", "værdi": value}
        for sector, value in figures
    ]
    ratio = {"sektor": "Samlet", "type": "VE-el selvforsyningsgrad", "enhed": "%", "værdi": 1.7}
    return [*made, ratio]


def parsed(rows: Any) -> dict[str, str]:
    """Emission by sector of one made-up answer."""
    body = json.dumps({"data": rows}, ensure_ascii=False)
    line = json.dumps({"municipality": "0825", "year": "2023", "body": body}, ensure_ascii=False)
    frame = klimaregnskabet.parse(SOURCE, f"{line}\n".encode(), {"municipalities": 1, "years": [1]})
    frame = frame[frame["measure"] == "emission"]
    return dict(zip(frame["sector"], frame["value"], strict=True))


@pytest.mark.parametrize("agriculture", [-400.0, 0.0, 400.0])
@pytest.mark.parametrize("is_first", [True, False])
def test_the_total_with_agriculture_is_chosen_also_when_agriculture_is_a_sink(
    agriculture: float, *, is_first: bool
) -> None:
    without, whole = 154.0, 154.0 + agriculture
    totals = (whole, without) if is_first else (without, whole)
    assert parsed(rows_of(*totals, agriculture))["Samlet"] == str(whole)


def test_sectors_that_sum_to_neither_total_are_refused_with_the_figures() -> None:
    with pytest.raises(AnswerError, match="municipality 0825, year 2023") as caught:
        parsed(rows_of(154.0, 555.0, 400.0))
    assert caught.value.code == "sectors-do-not-close"
    assert "sum to 554.0, the nearest total is 555.0" in caught.value.message


@pytest.mark.parametrize(("gap", "is_refused"), [(0.4, False), (0.6, True), (-0.6, True)])
def test_half_a_tonne_is_the_limit_of_closure(gap: float, *, is_refused: bool) -> None:
    rows = rows_of(154.0 + gap, 1.0, 0.0)
    if is_refused:
        with pytest.raises(AnswerError, match="the nearest total"):
            parsed(rows)
    else:
        assert parsed(rows)["Samlet"] == "154.4"


def test_a_sector_times_a_thousand_does_not_close(providers: Providers) -> None:
    def change(rows: list[Row]) -> list[Row]:
        return [
            {**row, "værdi": float(row["værdi"]) * 1000} if row["sektor"] == "Energi" else row
            for row in rows
        ]

    error = refused(providers, on_rows(change))
    assert error.code == "sectors-do-not-close"
    assert "municipality 0580, year 2023" in error.message


def test_a_municipality_without_figures_is_a_short_answer(providers: Providers) -> None:
    error = refused(providers, on_json(lambda _: {"data": []}))
    assert error.code == "answer-short"
    assert "no figures for municipality 0580, year 2023" in error.message


def without(sector: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [row for row in rows if row["sektor"] != sector]


def test_a_required_sector_that_is_missing_is_refused(providers: Providers) -> None:
    error = refused(providers, on_rows(without("Landbrug")))
    assert error.code == "figure-missing"
    assert "no emission for Landbrug" in error.message


def test_an_optional_sector_may_be_there_and_counts_in_the_total() -> None:
    rows = rows_of(154.0, 160.0, 0.0)
    rows.insert(0, {**rows[0], "sektor": "Spildevand", "værdi": 6.0})
    found = parsed(rows)
    assert (found["Spildevand"], found["Samlet"]) == ("6.0", "160.0")


def test_a_missing_figure_is_not_made_up() -> None:
    rows = rows_of(154.0, 154.0, 0.0)
    rows[0]["værdi"] = None
    assert parsed(rows)["Energi"] == ""


def test_a_sector_nobody_declared_is_refused() -> None:
    rows = rows_of(154.0, 154.0, 0.0)
    with pytest.raises(AnswerError, match="unknown sector Luftfart"):
        parsed([*rows, {**rows[0], "sektor": "Luftfart"}])


def test_a_sector_that_comes_twice_is_ambiguous_and_refused() -> None:
    rows = rows_of(154.0, 154.0, 0.0)
    with pytest.raises(AnswerError, match="comes twice") as caught:
        parsed([*rows, rows[0]])
    assert caught.value.code == "figure-ambiguous"


@pytest.mark.parametrize("unit", ["Ton CO2e", "Ton CO₂e", "ton co2e", " Ton  CO2e "])
def test_a_unit_is_recognised_in_every_way_it_is_written(unit: str) -> None:
    rows = [
        {**row, "enhed": unit} if row["enhed"] != "%" else row for row in rows_of(154.0, 154.0, 0.0)
    ]
    assert parsed(rows)["Energi"] == "100.5"


def test_a_figure_in_another_unit_is_missing_rather_than_mixed_in() -> None:
    rows = [
        {**row, "enhed": "Kiloton CO2e"} if row["sektor"] == "Energi" else row
        for row in rows_of(154.0, 154.0, 0.0)
    ]
    with pytest.raises(AnswerError, match="no emission for Energi"):
        parsed(rows)


def test_line_separators_inside_a_text_do_not_cut_an_answer() -> None:
    rows = [{**row, "kategori": "a\u2028b\x85c\u2029d"} for row in rows_of(154.0, 154.0, 0.0)]
    assert parsed(rows)["Samlet"] == "154.0"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(faults.html(), "answer-html", id="web page"),
        pytest.param(faults.empty(), "answer-empty", id="empty"),
        pytest.param(faults.latin1(), "encoding", id="latin-1"),
        pytest.param(lambda a: replace(a, body=a.body[:-10]), "answer-json", id="cut"),
        pytest.param(on_json(lambda _: []), "answer-shape", id="a list"),
        pytest.param(on_json(lambda _: {"data": None}), "answer-shape", id="no rows"),
        pytest.param(on_json(lambda _: {"data": ["x"]}), "answer-shape", id="no objects"),
        pytest.param(
            on_rows(lambda rows: [{k: v for k, v in row.items() if k != "sektor"} for row in rows]),
            "figure-missing",
            id="no sector",
        ),
    ],
)
def test_an_answer_in_another_form_is_refused(
    providers: Providers, fault: Fault, code: str
) -> None:
    assert refused(providers, fault).code == code


def test_answers_that_are_missing_from_a_release_are_noticed(providers: Providers) -> None:
    answer = look_and_fetch(SOURCE, over_loopback(providers, SOURCE))[1]
    shorter = b"\n".join(answer.content.splitlines()[:-1])
    with pytest.raises(AnswerError, match="2 of 3 answers came"):
        protocol_for(SOURCE).parse(SOURCE, shorter, answer.request)


def row(sector: str, unit: str, value: object, **names: str) -> dict[str, object]:
    return {"sektor": sector, "type": "Nøgletal", "enhed": unit, "værdi": value, **names}


@pytest.mark.parametrize("unit", ["Ton CO2e", "ton CO₂e", "t CO2e", "Ton CO2-ækv."])
def test_emissions_are_found_by_their_unit_however_it_is_spelt(unit: str) -> None:
    emission = klimaregnskabet_measure("emission")
    rows = [row(sector, unit, "1") for sector in emission.sectors if sector != "Samlet"]
    found = klimaregnskabet._by_sector(
        [*rows, row("Samlet", unit, "5")], emission, "Samlet", "here"
    )
    assert found["Samlet"] == "5"


@pytest.mark.parametrize("field", ["type", "kategori", "undertype_3"])
def test_self_sufficiency_is_found_by_its_name_in_any_field_and_sector(field: str) -> None:
    ratio = klimaregnskabet_measure("re_electricity_self_sufficiency")
    named = row("Energi", "%", "0.5", **{field: "VE-el selvforsyningsgrad"})
    others = row("Energi", "%", "7", **{field: "Andel el"})
    assert klimaregnskabet._by_sector([named, others], ratio, "Samlet", "here") == {"Samlet": "0.5"}
    with pytest.raises(AnswerError, match="units that came"):
        klimaregnskabet._by_sector([others], ratio, "Samlet", "here")


def test_a_row_without_its_figure_is_another_form() -> None:
    ratio = klimaregnskabet_measure("re_electricity_self_sufficiency")
    broken = {"sektor": "Samlet", "type": "VE-el selvforsyningsgrad", "enhed": "%", "value": "1"}
    with pytest.raises(AnswerError, match="no field værdi"):
        klimaregnskabet._by_sector([broken], ratio, "Samlet", "here")


def klimaregnskabet_measure(name: str) -> Measure:
    assert isinstance(SOURCE.request, KlimaregnskabetRequest)
    return next(measure for measure in SOURCE.request.measures if measure.name == name)
