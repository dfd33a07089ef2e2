"""Serving from a real PostgreSQL: equal to the bit, whole or not at all, readers undisturbed."""

from pathlib import Path

import psycopg
import pytest

from tests.warehouse.postgres_server import DATABASE, PASSWORD, Server
from tests.warehouse.publishing import laid_out, version
from tests.warehouse.served import (
    ROWS,
    VERSIONS,
    WHOLE,
    address,
    publish_star,
    rows_in_file,
    rows_in_postgres,
    served_number,
)
from warehouse import postgres
from warehouse.layout import Layout
from warehouse.postgres import Address, PostponedError, ServingError, serve
from warehouse.serving_plan import UnservableError

IDENTITIES = "select relname, oid from pg_class where relnamespace = 'monitoring'::regnamespace"
WIDER = "alter table fct_value add column note varchar;"
LEFT_BEHIND = "select nspname from pg_namespace where nspname like 'monitoring%' order by 1"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return laid_out(tmp_path / "data")


@pytest.mark.parametrize("change", ["", WIDER], ids=["rows exchanged", "tables replaced"])
def test_what_postgres_gives_back_is_what_was_published(
    server: Server, layout: Layout, change: str
) -> None:
    serve(address(server), publish_star(layout, 1))
    folder = publish_star(layout, 2, change)
    assert serve(address(server), folder)
    for table in ("dim_year", "fct_value", "dim_table_key"):
        assert rows_in_postgres(server, table) == rows_in_file(folder, table)
    assert not serve(address(server), folder)


def test_keys_indexes_and_comments_come_along(server: Server, layout: Layout) -> None:
    serve(address(server), publish_star(layout, 1))
    constraints = server.ask(
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint "
        "where connamespace = 'monitoring'::regnamespace and contype in ('p', 'f') order by 1, 2"
    )
    assert constraints == [
        ("monitoring.dim_table_key", "PRIMARY KEY (table_name, kind, column_names)"),
        ("monitoring.dim_year", "PRIMARY KEY (year)"),
        (
            "monitoring.fct_value",
            "FOREIGN KEY (year) REFERENCES monitoring.dim_year(year) DEFERRABLE INITIALLY DEFERRED",
        ),
        ("monitoring.fct_value", "PRIMARY KEY (municipality_code, year)"),
    ]
    indexed = server.ask("select indexdef from pg_indexes where tablename = 'fct_value'")
    assert any(told.endswith("(year)") for (told,) in indexed)
    ((table, column, schema),) = server.ask(
        "select obj_description('monitoring.dim_year'::regclass), "
        "col_description('monitoring.fct_value'::regclass, 6), "
        "obj_description('monitoring'::regnamespace, 'pg_namespace')"
    )
    assert table == "Et år pr. række; 'citeret' \\ og $$."
    assert column == "Skal stå i anførselstegn."
    assert schema == f"Publication {version(1)}"


def test_a_load_touches_only_the_rows_that_differ(server: Server, layout: Layout) -> None:
    serve(address(server), publish_star(layout, 1))
    tables = server.ask(IDENTITIES)
    change = (
        "update dim_year set version = 1; update fct_value set version = 1;"
        "create table zero as select * replace (0.0::double as value) from fct_value "
        "where value = 0; delete from fct_value where value = 0;"
        "insert into fct_value from zero; drop table zero;"
    )
    serve(address(server), publish_star(layout, 2, change))
    assert server.ask(IDENTITIES) == tables
    written = "select count(*) from monitoring.fct_value group by xmin::text order by 1"
    assert server.ask(written) == [(1,), (ROWS - 1,)], "0.0 is not -0.0"


def test_a_transaction_goes_on_with_what_it_saw(server: Server, layout: Layout) -> None:
    serve(address(server), publish_star(layout, 1))
    with psycopg.connect(server.dsn("bi")) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert reader.execute(VERSIONS).fetchall() == [(WHOLE, 1, 1)]
        serve(address(server), publish_star(layout, 2))
        assert reader.execute(VERSIONS).fetchall() == [(WHOLE, 1, 1)]
        reader.commit()
        assert reader.execute(VERSIONS).fetchall() == [(WHOLE, 2, 2)]


def test_an_open_transaction_delays_new_columns_and_nothing_else(
    server: Server, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "TRIES", 2)
    serve(address(server), publish_star(layout, 1))
    wider = publish_star(layout, 2, WIDER)
    with psycopg.connect(server.dsn("bi")) as reader:
        reader.execute(VERSIONS)
        with pytest.raises(PostponedError, match=rf"processes {reader.info.backend_pid}\)"):
            serve(address(server), wider)
        assert reader.execute(VERSIONS).fetchall() == [(WHOLE, 1, 1)]
        assert served_number(server) == 1
        assert server.ask(LEFT_BEHIND) == [("monitoring",)]
        serve(address(server), publish_star(layout, 3))
        assert served_number(server) == 3
    serve(address(server), wider)
    assert served_number(server) == 2
    assert server.ask(LEFT_BEHIND) == [("monitoring",)]


def test_a_snapshot_without_a_table_delays_new_columns_too(
    server: Server, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new tables would be empty in a transaction that began before them."""
    monkeypatch.setattr(postgres, "TRIES", 2)
    serve(address(server), publish_star(layout, 1))
    with psycopg.connect(server.dsn("bi")) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select 1")
        with pytest.raises(PostponedError):
            serve(address(server), publish_star(layout, 2, WIDER))
        assert reader.execute(VERSIONS).fetchall() == [(WHOLE, 1, 1)]


def test_a_snapshot_taken_once_the_new_tables_are_filled_delays_nothing(
    server: Server, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, seen = postgres._replace, []
    serve(address(server), publish_star(layout, 1))
    with psycopg.connect(server.dsn("bi")) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

        def replace_beside_a_reader(*arguments: object) -> None:
            reader.execute("select 1")
            replace(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(postgres, "_replace", replace_beside_a_reader)
        serve(address(server), publish_star(layout, 2, WIDER))
        seen += reader.execute(VERSIONS).fetchall()
    assert seen == [(WHOLE, 2, 2)]


def test_a_load_that_dies_before_the_exchange_is_cleared_away_by_the_next(
    server: Server, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(address(server), publish_star(layout, 1))
    wider = publish_star(layout, 2, WIDER)

    def die(*_arguments: object) -> None:
        server.stop("immediate")

    with monkeypatch.context() as dying:
        dying.setattr(postgres, "_replace", die)
        with pytest.raises(ServingError):
            serve(address(server), wider)
    server.start()
    left = f"monitoring_next_{version(2)}"
    assert server.ask(LEFT_BEHIND) == [("monitoring",), (left,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.ask(f'select * from "{left}".dim_year', "bi")
    assert served_number(server) == 1
    assert serve(address(server), wider)
    assert server.ask(LEFT_BEHIND) == [("monitoring",)]


def test_a_view_of_somebody_keeps_its_tables_until_it_is_gone(
    server: Server, layout: Layout
) -> None:
    serve(address(server), publish_star(layout, 1))
    server.ask("create schema mine")
    server.ask("create view mine.years as select max(version) as v from monitoring.dim_year")
    serve(address(server), publish_star(layout, 2))
    assert server.ask("select v from mine.years") == [(2,)], "a view follows the rows"
    serve(address(server), publish_star(layout, 3, WIDER))
    assert server.ask("select v from mine.years") == [(2,)], "and is not dropped by new columns"
    ((_served,), (old,)) = server.ask(LEFT_BEHIND)
    assert old.startswith(f"monitoring_old_{version(2)}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.ask(f'select * from "{old}".dim_year', "bi")
    server.ask("drop view mine.years")
    serve(address(server), publish_star(layout, 4, WIDER))
    assert server.ask(LEFT_BEHIND) == [("monitoring",)]


@pytest.mark.parametrize("moment", ["_copy", "_exchange", "_verify"])
def test_a_server_that_dies_mid_load_serves_what_it_served(
    server: Server, layout: Layout, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    serve(address(server), publish_star(layout, 1))
    second, step = publish_star(layout, 2), getattr(postgres, moment)

    def die_after(*arguments: object) -> None:
        server.stop("immediate")
        step(*arguments)

    with monkeypatch.context() as dying:
        dying.setattr(postgres, moment, die_after)
        with pytest.raises(ServingError) as told:
            serve(address(server), second)
    assert PASSWORD not in str(told.value)
    with pytest.raises(ServingError, match="refused"):
        serve(address(server), second)
    server.start()
    assert served_number(server) == 1
    assert server.ask(LEFT_BEHIND) == [("monitoring",)]
    assert serve(address(server), second)
    assert served_number(server) == 2


@pytest.mark.parametrize("change", ["", WIDER], ids=["rows exchanged", "tables replaced"])
def test_a_server_that_gives_back_something_else_is_found_out(
    server: Server, layout: Layout, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    serve(address(server), publish_star(layout, 1))
    copy = postgres._copy

    def copy_and_spoil(cursor: object, schema: str, plan: object) -> None:
        copy(cursor, schema, plan)  # type: ignore[arg-type]
        cursor.execute(f'update "{schema}".fct_value set value = value * (1 + 1e-15)')  # type: ignore[attr-defined]

    monkeypatch.setattr(postgres, "_copy", copy_and_spoil)
    with pytest.raises(ServingError, match="not give back what was published: fct_value"):
        serve(address(server), publish_star(layout, 2, change))
    assert served_number(server) == 1


def test_a_reference_that_leads_nowhere_is_refused(server: Server, layout: Layout) -> None:
    serve(address(server), publish_star(layout, 1))
    with pytest.raises(ServingError, match="foreign key"):
        serve(address(server), publish_star(layout, 2, "delete from dim_year where year = 2001;"))
    assert served_number(server) == 1


def test_a_publication_without_keys_is_served_without(server: Server, layout: Layout) -> None:
    serve(address(server), publish_star(layout, 1))
    folder = publish_star(layout, 2, "drop table dim_table_key;")
    assert serve(address(server), folder)
    assert rows_in_postgres(server, "fct_value") == rows_in_file(folder, "fct_value")
    assert serve(address(server), publish_star(layout, 3))
    assert served_number(server) == 3


def test_a_type_without_counterpart_is_named(server: Server, layout: Layout) -> None:
    with pytest.raises(UnservableError, match=r"odd\.year is UTINYINT"):
        serve(
            address(server),
            publish_star(layout, 1, "create table odd as select 1::utinyint as year;"),
        )


def test_two_loads_at_once_are_refused(server: Server, layout: Layout) -> None:
    first = publish_star(layout, 1)
    with psycopg.connect(server.dsn()) as other:
        other.execute(f"select pg_advisory_xact_lock({postgres.sql.LOAD_LOCK})")
        with pytest.raises(PostponedError, match="Another load"):
            serve(address(server), first)
    assert serve(address(server), first)


def test_a_missing_role_of_readers_is_made(server: Server, layout: Layout) -> None:
    server.ask("revoke connect on database klimamonitor from monitoring_reader")
    server.ask("drop role bi")
    server.ask("drop role monitoring_reader")
    folder = publish_star(layout, 1)
    with pytest.raises(ServingError, match="permission denied to create role"):
        serve(address(server), folder)
    server.ask(f"alter role {DATABASE} createrole")
    assert serve(address(server), folder)
    assert server.ask("select rolcanlogin from pg_roles where rolname = 'monitoring_reader'") == [
        (False,)
    ]


MAY_NOT = [
    "insert into monitoring.dim_year values (1, 1)",
    "update monitoring.dim_year set version = 0",
    "delete from monitoring.fct_value",
    "truncate monitoring.fct_value",
    "drop table monitoring.fct_value",
    "begin; lock table monitoring.fct_value in access exclusive mode",
    "create table monitoring.mine (a integer)",
    "create table public.mine (a integer)",
    "create temporary table mine (a integer)",
    "create schema mine",
    "alter table monitoring.dim_year add column a integer",
    "comment on schema monitoring is ''",
    "select * from elsewhere.secret",
    "create role other",
    "copy monitoring.dim_year to program 'true'",
]


def test_a_reader_may_look_and_do_nothing_else(server: Server, layout: Layout) -> None:
    serve(address(server), publish_star(layout, 1))
    server.ask("create schema elsewhere create table secret (a integer)", DATABASE)
    assert served_number(server, "bi") == 1
    for statement in MAY_NOT:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.ask(statement, "bi")


@pytest.mark.parametrize(
    "dsn",
    [
        "hemmelig",
        "host=db password=hemmelig",
        "postgresql://ejer:hem@melig@db/klima",
        "postgresql://ejer:hem/melig@db/klima",
        "postgresql://ejer:hem?melig@db/klima",
        "postgresql://ejer:hem#melig@db/klima",
        "postgresql://ejer@db/klima?password=hemmelig",
    ],
)
def test_an_address_that_cannot_be_understood_is_not_repeated(dsn: str) -> None:
    with pytest.raises(ServingError, match="KLIMAMONITOR_POSTGRES_DSN") as told:
        Address.parse(dsn)
    assert "melig" not in str(told.value)


@pytest.mark.parametrize(
    ("dsn", "reason"),
    [
        ("postgresql://ejer:hemmelig@127.0.0.1:1/klima", "refused"),
        ("postgresql://ejer:hemmelig@nowhere.invalid/klima", "translate host name"),
        ("postgresql://ejer:hemmelig@127.0.0.1:{port}/klima", "password authentication failed"),
        ("postgresql://ejer:hemmelig@127.0.0.1:{port}/klima?application_name=a", "password"),
        ("postgresql://ejer:hemmelig@127.0.0.1:{port}/klima?nonsense=a", "invalid URI"),
        ("postgresql://hemmelig:hemmelig@127.0.0.1:{port}/klima", "password"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(
    running_server: Server, layout: Layout, dsn: str, reason: str
) -> None:
    wrong = Address.parse(dsn.format(port=running_server.port))
    with pytest.raises(ServingError, match=reason) as told:
        serve(wrong, layout.publications / version(1))
    assert "hemmelig" not in f"{told.value} {wrong!r} {told.value.__cause__}"
