"""What is left out of dbt is what no build can reach, and what nobody hears."""

from typing import Any

import pytest
from dbt.events.types import EndOfRunSummary, NothingToDo
from dbt_common.events.event_manager_client import get_event_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note

from orchestration import transform
from orchestration.lean_dbt import CALLED_BY_THE_ADAPTER, drop_unreachable_macros, silence_but


@pytest.fixture(scope="module")
def whole() -> Any:
    """The parsed project with every macro."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "drop_unreachable_macros", lambda _manifest: None)
        return transform.read_parsed()


def test_what_a_node_calls_is_kept_with_all_its_implementations(whole: Any) -> None:
    before = dict(whole.macros)
    drop_unreachable_macros(whole)
    kept = whole.macros
    assert len(kept) < len(before) / 3
    called = {name for node in whole.nodes.values() for name in node.depends_on.macros}
    called |= {name for macro in kept.values() for name in macro.depends_on.macros}
    assert called <= set(kept)
    short = {name.split(".")[-1] for name in kept}
    assert {"materialization_table_duckdb", "materialization_test_default"} <= short
    assert short >= CALLED_BY_THE_ADAPTER
    for implemented in ("dateadd", "get_columns_in_relation"):
        family = {n for n in before if n.split(".")[-1].rsplit("__", 1)[-1] == implemented}
        assert not family & set(kept) or family <= set(kept)


def test_warnings_and_the_named_events_are_heard_and_the_rest_is_not() -> None:
    heard: list[str] = []
    before = get_event_manager()
    with silence_but("Note"):
        get_event_manager().callbacks.append(lambda event: heard.append(event.info.name))
        fire_event(NothingToDo())
        fire_event(Note(msg="named"))
        fire_event(EndOfRunSummary(num_errors=0, num_warnings=0, keyboard_interrupt=False))
    assert get_event_manager() is before
    assert NothingToDo().level_tag().value == "warn"
    assert heard == ["NothingToDo", "Note"]


def test_an_event_nobody_hears_is_never_composed_and_one_that_is_read_is_whole() -> None:
    with silence_but():
        unread = Note(msg="unread")
        fire_event(unread)
        assert "pb_msg" not in vars(unread)
        read = Note(msg="read")
        read.msg = "changed"
        assert read.to_dict() == {"msg": "changed"}
        assert Note(msg="said").message() == "said"
    assert vars(Note(msg="as before"))["pb_msg"].msg == "as before"
