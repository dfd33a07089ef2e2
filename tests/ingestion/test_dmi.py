"""DMI over loopback: pages, periods by whatever clock, corrections, months that are not over."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from expectations.release_gate import judge_release
from ingestion.declaration import source_by_id
from ingestion.errors import AnswerError, ProviderError
from ingestion.protocols import dmi, protocol_for
from tests.ingestion.reading import (
    NOW,
    cast_text,
    look_and_fetch,
    over_loopback,
    read_text,
    refusal,
)
from tests.providers import faults
from tests.providers.climate import PATH, Climate
from tests.providers.server import Providers

SOURCE = source_by_id("dmi_heating_degree_days")
UTC_MONTHS = [f"2026-{month:02d}-01T00:00:00+00:00" for month in range(1, 12)]


@pytest.fixture
def climate(providers: Providers) -> Climate:
    climate = Climate(list(UTC_MONTHS))
    providers.add("dmi", climate.answer)
    return climate


def figures(providers: Providers, **changes: Any) -> dict[tuple[str, str], float]:
    frame = cast_text(SOURCE, read_text(SOURCE, over_loopback(providers, SOURCE, **changes))).frame
    keys = zip(frame["municipality_code"], frame["month"], strict=True)
    return dict(zip(keys, frame["heating_degree_days"], strict=True))


def on_features(change: Callable[[dict[str, Any]], dict[str, Any]]) -> faults.Fault:
    """Change the properties of every feature."""
    return faults.on_json(
        lambda page: {
            **page,
            "features": [
                {**feature, "properties": change(feature["properties"])}
                for feature in page["features"]
            ],
        }
    )


def refused(providers: Providers, *steps: faults.Fault) -> AnswerError:
    providers.fail("dmi", "limit=10000", *steps)
    error = refusal(SOURCE, over_loopback(providers, SOURCE))
    assert isinstance(error, AnswerError)
    return error


def test_every_municipality_in_every_month_that_is_over(
    providers: Providers, climate: Climate
) -> None:
    read = figures(providers)
    assert len(read) == 98 * 10, "November is not over on the 24th"
    assert read["0101", "2026M10"] == climate.figure("0101", UTC_MONTHS[9])
    assert {month for _, month in read} == {f"2026M{month:02d}" for month in range(1, 11)}
    asked = climate.asked[-1]
    assert asked["parameterId"] == "acc_heating_degree_days_17"
    assert asked["timeResolution"] == "month"
    assert asked["datetime"] == "2010-12-31T23:00:00Z/2026-10-31T23:00:00Z"


def test_the_rules_of_the_source_hold_for_it(providers: Providers, climate: Climate) -> None:
    read = cast_text(SOURCE, read_text(SOURCE, over_loopback(providers, SOURCE)))
    assert read.findings == ()
    assert [
        judged.rule.id for judged in judge_release(read.frame, SOURCE, None) if not judged.passed
    ] == []
    climate.codes = climate.codes[1:]
    fewer = cast_text(SOURCE, read_text(SOURCE, over_loopback(providers, SOURCE))).frame
    failed = {j.rule.id for j in judge_release(fewer, SOURCE, None) if not j.passed}
    assert failed == {"every_municipality", "every_municipality_in_every_period"}


def test_many_pages_are_one_table_asked_for_at_our_own_address(
    providers: Providers, climate: Climate
) -> None:
    climate.page_size = 100
    assert len(figures(providers)) == 98 * 10
    assert [query.get("offset") for query in climate.asked[1:]] == [
        None,
        *(str(100 * page) for page in range(1, 11)),
    ]


def test_months_by_the_danish_clock_are_the_same_months(
    providers: Providers, climate: Climate
) -> None:
    by_utc = figures(providers)
    summer = range(4, 11)
    climate.months = [
        f"2026-{month:02d}-01T00:00:00+0{2 if month in summer else 1}:00" for month in range(1, 12)
    ]
    assert figures(providers) == by_utc


def test_of_a_corrected_figure_the_newest_counts(providers: Providers, climate: Climate) -> None:
    climate.corrected = {("0580", UTC_MONTHS[2]): 7.5}
    read = figures(providers)
    assert read["0580", "2026M03"] == 7.5
    assert len(read) == 98 * 10


def test_a_look_changes_with_the_newest_figure_the_week_and_the_month(
    providers: Providers, climate: Climate
) -> None:
    def stamp(now: datetime = NOW) -> str:
        return dmi.look(SOURCE, over_loopback(providers, SOURCE, now=now)).stamp

    first = stamp()
    assert stamp() == first
    assert stamp(NOW.replace(day=30)) != first
    assert stamp(datetime(2026, 12, 1, tzinfo=UTC)) != first
    climate.corrected = {("0101", UTC_MONTHS[10]): 1.5}
    climate.months = climate.months[:-1]
    assert stamp() != first


def created(code: str, moment: str | None, value: float) -> faults.Fault:
    """One more feature of a municipality in March, made at another moment."""

    def change(page: Any) -> Any:
        of_march = (
            f
            for f in page["features"]
            if f["properties"]["municipalityId"] == code
            and f["properties"]["from"] == UTC_MONTHS[2]
        )
        more = [
            {**f, "properties": {**f["properties"], "created": moment, "value": value}}
            for f in of_march
        ]
        found = [*more, *page["features"]]
        return {**page, "features": found, "numberReturned": len(found)}

    return faults.on_json(change)


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00.500000Z", "2026-01-01T00:30:00-01:00"])
def test_the_later_of_two_is_told_by_the_moment_and_not_by_its_spelling(
    providers: Providers, climate: Climate, moment: str
) -> None:
    providers.fail("dmi", "limit=10000", created("0580", moment, 7.5))
    assert figures(providers)["0580", "2026M03"] == 7.5


def test_two_of_the_same_moment_are_refused_unless_they_agree(
    providers: Providers, climate: Climate
) -> None:
    same = "2026-01-01T00:00:00+00:00"
    kept = climate.figure("0580", UTC_MONTHS[2])
    rule = providers.fail("dmi", "limit=10000", created("0580", same, kept))
    assert figures(providers)["0580", "2026M03"] == kept
    rule.left = 0
    assert refused(providers, created("0580", same, 7.5)).code == "figure-ambiguous"


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (on_features(lambda p: p | {"from": p["from"].replace("-01T", "-05T")}), "period-form"),
        (on_features(lambda p: p | {"to": p["to"].replace("-01T", "-04T")}), "period-form"),
        (on_features(lambda p: p | {"parameterId": "mean_temp"}), "answer-other"),
        (on_features(lambda p: p | {"timeResolution": "day"}), "answer-other"),
        (on_features(lambda p: p | {"to": p["from"]}), "period-form"),
        (on_features(lambda p: p | {"from": p["from"][:10]}), "period-form"),
        (on_features(lambda p: p | {"from": "in spring"}), "period-form"),
        (on_features(lambda p: {n: v for n, v in p.items() if n != "value"}), "column-missing"),
        (faults.on_json(lambda page: page | {"numberReturned": 3}), "answer-short"),
        (faults.on_json(lambda page: page | {"features": []}), "answer-short"),
        (faults.on_json(lambda page: {"features": []}), "answer-empty"),
        (faults.on_json(lambda page: {"features": [3]}), "answer-shape"),
        (faults.on_json(lambda page: {"detail": "moved"}), "answer-shape"),
        (faults.html(), "answer-html"),
        (faults.latin1(), "encoding"),
    ],
)
def test_what_is_not_what_was_asked_for_is_refused(
    providers: Providers, climate: Climate, step: faults.Fault, code: str
) -> None:
    assert refused(providers, step).code == code


def test_pages_without_end_are_refused(
    providers: Providers, climate: Climate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dmi, "MOST_PAGES", 3)
    climate.page_size = 10
    error = refusal(SOURCE, over_loopback(providers, SOURCE))
    assert error.code == "answer-endless"
    assert len(climate.asked) == 1 + 3


def test_a_collection_without_features_is_told(providers: Providers, climate: Climate) -> None:
    climate.months = []
    assert refusal(SOURCE, over_loopback(providers, SOURCE)).code == "answer-empty"


def test_a_release_from_which_a_page_was_lost_is_refused(
    providers: Providers, climate: Climate
) -> None:
    climate.page_size = 500
    answer = look_and_fetch(SOURCE, over_loopback(providers, SOURCE))[1]
    shorter = answer.content.splitlines(keepends=True)[0]
    with pytest.raises(AnswerError) as caught:
        protocol_for(SOURCE).parse(SOURCE, shorter, answer.request)
    assert caught.value.code == "answer-short"


def test_the_providers_refusal_is_kept_in_its_words(providers: Providers) -> None:
    providers.fail("dmi", PATH, faults.status(400, "Unknown parameter"))
    error = refusal(SOURCE, over_loopback(providers, SOURCE))
    assert isinstance(error, ProviderError)
    assert "Unknown parameter" in error.message


def test_the_shape_is_that_of_the_first_feature(providers: Providers, climate: Climate) -> None:
    look, answer = look_and_fetch(SOURCE, over_loopback(providers, SOURCE))
    offered = protocol_for(SOURCE).shape(SOURCE, look, answer.content).offered
    assert {"municipalityId", "value", "from", "to"} <= set(offered)
    assert protocol_for(SOURCE).shape(SOURCE, look, b"nothing").offered == ()


def test_a_page_without_links_is_the_last(providers: Providers, climate: Climate) -> None:
    providers.fail("dmi", "limit=10000", faults.on_json(lambda page: page | {"links": None}))
    assert len(figures(providers)) == 98 * 10
