"""Two hundred random histories of submissions end where a naive reading of the rules ends."""

from collections import Counter
from dataclasses import dataclass

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from orchestration.open_run import opened
from tests.orchestration import naive
from tests.orchestration.conftest import settings_for
from tests.orchestration.histories import ACCOUNT, OWN, Answer, Filed, History, file, histories, ref
from tests.orchestration.reported import dbt
from warehouse.draft import Draft

HOW_MANY = 200
TABLES = (
    "dim_indicator",
    "fct_indicator_value",
    "fct_coverage",
    "fct_reconciliation",
    "fct_submission",
)
GATES = [
    "every_observation_is_used",
    "submitted_figures_are_conserved",
    "nothing_unknown_is_zero",
    "only_submissions_in_force_are_published",
]


def drawn() -> list[History]:
    """The same two hundred histories every time, all for one build: a build each takes too long."""
    kept: list[History] = []

    @settings(
        max_examples=HOW_MANY,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories())
    def keep(history: History) -> None:
        kept.append(history)

    keep()
    return kept[:HOW_MANY]


@dataclass(frozen=True)
class Lived:
    """The histories, their draft, and what they must come to."""

    filed: list[Filed]
    withdrawn: set[str]
    figures: dict[naive.Key, tuple[Filed, Answer]]
    cells: dict[naive.Key, naive.Cell]
    draft: Draft
    gates: dict[str, str]

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.draft.file), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    made = settings_for(tmp_path_factory.mktemp("histories") / "data")
    made.layout.prepare()
    filed, withdrawn = file(made.layout, drawn())
    with opened(made, force=True) as run:
        run.has_news()
        for source in run.sources:
            run.take_in(source)
        draft = run.draft
    only = ["--exclude-resource-type", "unit_test", "test", "--select", *(f"+{t}" for t in TABLES)]
    made = dbt(draft, "build", *only)
    assert set(made.values()) == {"success"}
    gates = dbt(draft, "test", "--select", *GATES)
    figures = naive.chosen(naive.in_force(filed, withdrawn))
    return Lived(filed, withdrawn, figures, naive.expected(figures), draft, gates)


def test_the_histories_are_many_and_unlike(lived: Lived) -> None:
    reasons = Counter(cell.reason for cell in lived.cells.values())
    assert len(lived.filed) > HOW_MANY
    assert len(lived.withdrawn) > 10
    assert set(reasons) >= {
        None,
        "denominator_missing",
        "denominator_zero",
        "numerator_incomplete",
        *(f"submitted_elsewhere_{word}" for word in ("circular", "nowhere", "numberless")),
        *(f"submitted_{word}" for word in ("nil", "unavailable", "confidential", "withheld")),
        "submitted_included_elsewhere",
    }
    assert any(cell.value is not None and not cell.is_complete for cell in lived.cells.values())


def test_every_accepted_figure_is_a_value_or_has_its_reason(lived: Lived) -> None:
    rows = lived.ask(
        "select municipality_code, indicator_id, year, value, notation_key, reason_code, "
        "is_complete, is_example, gwp_set from fct_indicator_value where origin = 'submitted' "
        "and indicator_id not in ('bus_fossil_free_share', 'bus_green_share')"
    )
    published = {row[:3]: naive.Cell(*row[3:]) for row in rows}  # type: ignore[arg-type]
    wrong = {
        key: (cell, published.get(key))
        for key, cell in lived.cells.items()
        if cell != published.get(key)
    }
    assert wrong == {}
    assert published.keys() == lived.cells.keys()


def test_a_rule_that_is_read_wrongly_would_be_seen(lived: Lived) -> None:
    oldest_counts = naive.in_force(lived.filed[::-1], lived.withdrawn)
    withdrawn_counts = naive.in_force(lived.filed, set())
    only_reports_count = [
        made
        for made in naive.in_force(lived.filed, lived.withdrawn)
        if made.handed.form == "report"
    ]
    for wrong in (oldest_counts, withdrawn_counts, only_reports_count):
        assert naive.expected(naive.chosen(wrong)) != lived.cells
    unguarded = {
        key: naive.given(lived.figures, key) for key in lived.figures if "bus" not in key[1]
    }
    assert any(cell != lived.cells[key] for key, cell in unguarded.items())


def test_conservation_holds(lived: Lived) -> None:
    assert lived.gates == dict.fromkeys(GATES, "pass")


def test_a_value_names_its_cell_and_the_one_it_corrects(lived: Lived) -> None:
    rows = lived.ask(
        "select municipality_code, indicator_id, year, source_ref, supersedes "
        "from fct_indicator_value where origin = 'submitted' and indicator_id like 'ghg_%'"
    )
    expected = []
    for (code, row, year), (made, _answer) in lived.figures.items():
        before = naive.superseded(lived.filed, lived.withdrawn, made)
        corrects = ref(before, row) if before and row in before.handed.answers else None
        if row.startswith("ghg_"):
            expected.append((code, row, year, ref(made, row), corrects))
    assert sorted(rows, key=str) == sorted(expected, key=str)


def test_the_first_origin_is_shown_and_both_are_reconciled(lived: Lived) -> None:
    public = {
        (code, year): value
        for code, year, value in lived.ask(
            "select municipality_code, year, value from fct_indicator_value "
            f"where indicator_id = '{ACCOUNT}' and origin = 'public'"
        )
    }
    shown = {
        (code, year): (origin, value)
        for code, year, origin, value in lived.ask(
            "select municipality_code, year, origin, value from fct_indicator "
            f"where indicator_id = '{ACCOUNT}'"
        )
    }
    met = {
        (code, year): (difference, reason)
        for code, year, difference, reason in lived.ask(
            "select municipality_code, year, diff, reason_code from fct_reconciliation"
        )
    }
    expected = {}
    for (code, row, year), cell in lived.cells.items():
        if row == ACCOUNT:
            place = (code, year)
            before = ("public", public[place]) if place in public else ("submitted", cell.value)
            assert shown[place] == before
            if place in public:
                value = float(str(public[place]))
                told = None if cell.value is None else cell.value - value
                expected[place] = (told, cell.reason)
    assert met == expected
    assert len(expected) > 20


def test_a_change_is_between_figures_that_may_be_compared(lived: Lived) -> None:
    rows = lived.ask(
        "select municipality_code, indicator_id, year, previous_year, change_abs, "
        f"comparability_code from fct_indicator where indicator_id = '{OWN}' "
        "and value is not null"
    )
    expected = [
        (*key, *naive.change(lived.cells, key))
        for key, cell in lived.cells.items()
        if key[1] == OWN and cell.value is not None
    ]
    assert sorted(rows, key=str) == sorted(expected, key=str)
    assert len({row[-1] for row in rows}) > 4
