"""What dbt does for every node and this project has no use for: left out of a build.

For each of two contexts a node, dbt wraps every macro it knows, 530 of them, of which a build calls
about 80; and it composes ten messages a node that nobody reads. Together a third of a build's time.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

ADAPTER = "duckdb"
# The adapter calls these by name, before the first node.
CALLED_BY_THE_ADAPTER = frozenset(
    {
        "check_schema_exists",
        "create_schema",
        "get_columns_in_relation",
        "list_relations_without_caching",
        "list_schemas",
    }
)


def drop_unreachable_macros(manifest: "Manifest") -> None:
    """Keep the macros that a build can reach: from its nodes, materialisations and the adapter.

    A macro is kept with all its implementations, so that dispatch finds what it found before; one
    that was missed fails the build by its name.
    """
    implementations = defaultdict(list)
    for unique_id in manifest.macros:
        implementations[_dispatched(unique_id)].append(unique_id)
    waiting = deque(CALLED_BY_THE_ADAPTER)
    reached: set[str] = set()
    for node in manifest.nodes.values():
        waiting += node.depends_on.macros
        reached |= _materialization(manifest, node.config.materialized)
    for unique_id in reached:
        waiting += manifest.macros[unique_id].depends_on.macros
    while waiting:
        for unique_id in implementations.pop(_dispatched(waiting.popleft()), ()):
            reached.add(unique_id)
            waiting += manifest.macros[unique_id].depends_on.macros
    manifest.macros = {name: macro for name, macro in manifest.macros.items() if name in reached}
    manifest._macros_by_name = manifest._macros_by_package = None


def _dispatched(unique_id: str) -> str:
    """``default__cast`` and ``duckdb__cast`` implement ``cast``."""
    return unique_id.split(".")[-1].rsplit("__", 1)[-1]


def _materialization(manifest: "Manifest", kind: str) -> set[str]:
    """The project's own goes before dbt's, as in dbt."""
    for target in (ADAPTER, "default"):
        for package in (manifest.metadata.project_name, f"dbt_{ADAPTER}", "dbt"):
            unique_id = f"macro.{package}.materialization_{kind}_{target}"
            if unique_id in manifest.macros:
                return {unique_id}
    return set()


@contextmanager
def silence_but(*heard: str) -> Iterator[None]:
    """Let dbt compose only warnings, errors and the events of these names.

    Its loggers must be off: what they would write is not composed either.
    """
    from dbt_common.events import event_manager_client
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    told = {EventLevel.WARN, EventLevel.ERROR}

    class Quiet(EventManager):
        def fire_event(self, e: Any, level: Any = None, *rest: Any, **named: Any) -> None:
            if type(e).__name__ in heard or (level or e.level_tag()) in told:
                super().fire_event(e, level, *rest, **named)

    before = event_manager_client.get_event_manager()
    event_manager_client.ctx_set_event_manager(Quiet())
    try:
        with _composed_when_read():
            yield
    finally:
        event_manager_client.ctx_set_event_manager(before)


@contextmanager
def _composed_when_read() -> Iterator[None]:
    """An event becomes a protobuf message when somebody reads it, not when it is made."""
    from dbt_common.events.base_types import BaseEvent

    names = ("__init__", "__getattr__", "__setattr__")
    compose, read, write = (BaseEvent.__dict__[name] for name in names)

    def keep(event: Any, *args: Any, **named: Any) -> None:
        object.__setattr__(event, "kept", (args, named))

    def read_composed(event: Any, key: str) -> Any:
        if key == "pb_msg":
            args, named = object.__getattribute__(event, "kept")
            compose(event, *args, **named)
            return object.__getattribute__(event, key)
        return getattr(event.pb_msg, key)

    def write_composed(event: Any, key: str, value: Any) -> None:
        if key != "pb_msg":
            _ = event.pb_msg
        write(event, key, value)

    for name, method in zip(names, (keep, read_composed, write_composed), strict=True):
        setattr(BaseEvent, name, method)
    try:
        yield
    finally:
        for name, method in zip(names, (compose, read, write), strict=True):
            setattr(BaseEvent, name, method)
