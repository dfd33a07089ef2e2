"""Names of cells and sheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.submissions.cells import cell_name, cell_place, column_letters, sheet_name


@given(st.integers(1, 1_048_576), st.integers(1, 16_384))
def test_the_name_of_a_cell_leads_back_to_it(row: int, column: int) -> None:
    assert cell_place(cell_name(row, column)) == (row, column)


@pytest.mark.parametrize("column", [0, -1, -(10**9)])
def test_there_is_no_column_before_the_first(column: int) -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        column_letters(column)


@pytest.mark.parametrize("name", ["A0", "A01", "1A", "a1", "AAAA1", "A12345678", "", "A1:B2"])
def test_what_names_no_cell_has_no_place(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a cell"):
        cell_place(name)


@given(st.text(max_size=300))
def test_the_name_of_a_sheet_is_its_own_name(written: str) -> None:
    name = sheet_name(written)
    assert len(name) <= 100
    assert sheet_name(name) == name
