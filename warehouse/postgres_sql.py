"""The statements of a load, as text; what runs them is ``warehouse/postgres.py``.

Several statements of one kind go in one ``do`` block: the driver prepares one statement at a time.
"""

import hashlib
from collections.abc import Iterable

from warehouse.literals import literal
from warehouse.serving_plan import Plan, Table

SCHEMA, READER = "monitoring", "monitoring_reader"
NEXT, OLD = "monitoring_next_", "monitoring_old_"
# Only one load at a time; a number of our own, so that no other program's lock is met.
LOAD_LOCK = int.from_bytes(hashlib.sha256(b"klimamonitor load").digest()[:7])
LOCKED = "klimamonitor.locked"


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def names(columns: Iterable[str], alias: str = "") -> str:
    """Identifiers with commas between, each of one row when an alias is given."""
    return ", ".join(f"{alias}{quoted(name)}" for name in columns)


def block(statements: Iterable[str]) -> str:
    """Statements as one."""
    return f"do $klimamonitor$ begin {' '.join(f'{s};' for s in statements)} end $klimamonitor$"


def create(schema: str, tables: Iterable[Table]) -> list[str]:
    """An empty schema with bare tables."""
    made = [f"create schema {quoted(schema)}"]
    for table in tables:
        columns = ", ".join(
            f"{quoted(c.name)} {c.type}{' not null' if c.is_required else ''}"
            for c in table.columns
        )
        made.append(f"create table {quoted(schema)}.{quoted(table.name)} ({columns})")
    return made


def keys(schema: str, tables: Iterable[Table]) -> list[str]:
    """Primary keys first, then foreign keys with an index each.

    Foreign keys wait for the end of a transaction, so that rows can be replaced in any order.
    """
    alter = {table.name: f"alter table {quoted(schema)}.{quoted(table.name)}" for table in tables}
    made = [f"{alter[t.name]} add primary key ({names(t.key)})" for t in tables if t.key]
    for table in tables:
        for key in table.foreign_keys:
            to = f"{quoted(schema)}.{quoted(key.to)} ({names(key.to_columns)})"
            made.append(
                f"{alter[table.name]} add foreign key ({names(key.columns)}) references {to} "
                "deferrable initially deferred"
            )
            if table.key[: len(key.columns)] != key.columns:
                made.append(
                    f"create index on {quoted(schema)}.{quoted(table.name)} ({names(key.columns)})"
                )
    return made


def comments(schema: str, plan: Plan) -> list[str]:
    """The version on the schema; what tables and columns hold, on them."""
    made = [f"comment on schema {quoted(schema)} is {literal(f'Publication {plan.version}')}"]
    for table in plan.tables:
        place = f"{quoted(schema)}.{quoted(table.name)}"
        made.append(f"comment on table {place} is {literal(table.comment)}")
        made += [
            f"comment on column {place}.{quoted(column.name)} is {literal(column.comment)}"
            for column in table.columns
        ]
    return made


def grants() -> list[str]:
    """Readers may look at every table of the schema; nobody else may do anything."""
    return [
        f"revoke all on schema {SCHEMA} from public",
        f"revoke all on all tables in schema {SCHEMA} from public, {READER}",
        f"grant usage on schema {SCHEMA} to {READER}",
        f"grant select on all tables in schema {SCHEMA} to {READER}",
    ]


def ensure_reader() -> str:
    """Make the group that readers are members of, when it is missing."""
    return (
        f"do $$ begin if not exists (select from pg_roles where rolname = {literal(READER)}) "
        f"then create role {READER} nologin; end if; end $$"
    )


def exchange(schema: str, table: Table) -> list[str]:
    """Make the served table hold the rows of the loaded one; equal rows are not touched.

    ``record_image_eq`` compares what is stored, so that 0 and -0 differ and null equals null.
    """
    served, loaded = (f"{quoted(s)}.{quoted(table.name)}" for s in (SCHEMA, schema))
    same_key = " and ".join(f"new.{quoted(c)} = old.{quoted(c)}" for c in table.key)
    columns = [column.name for column in table.columns]
    old, new = (f"row({names(columns, alias)})" for alias in ("old.", "new."))
    return [
        f"delete from {served} as old where not exists "  # noqa: S608
        f"(select from {loaded} as new where {same_key} and record_image_eq({new}, {old}))",
        f"insert into {served} ({names(columns)}) select {names(columns)} from {loaded} as new "  # noqa: S608
        f"where not exists (select from {served} as old where {same_key})",
    ]


def lock_served(milliseconds: int, loaded_by: int) -> str:
    """Try to have every served table for ourselves; ``klimamonitor.locked`` tells the outcome.

    Readers queue behind the try, so it is short. Those that have a snapshot are let through when
    it is younger than the transaction ``loaded_by``, which has filled the tables they will find.
    """
    return f"""do $klimamonitor$
declare served regclass;
begin
    perform set_config('{LOCKED}', 'no', true);
    perform set_config('lock_timeout', '{milliseconds}ms', true);
    for served in select pg_class.oid from pg_class
        where relnamespace = to_regnamespace('{SCHEMA}') and relkind in ('r', 'v', 'm', 'p')
    loop
        execute format('lock table %s in access exclusive mode', served);
    end loop;
    if exists (
        select from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
            and age(backend_xmin) >= age('{loaded_by}'::xid)
    ) then
        raise lock_not_available;
    end if;
    perform set_config('{LOCKED}', 'yes', true);
exception when lock_not_available then
    perform set_config('{LOCKED}', 'no', true);
end $klimamonitor$"""  # noqa: S608


def retire(name: str) -> list[str]:
    """Set the served schema aside; readers have no way in, views of others go on."""
    old = quoted(f"{OLD}{name}")
    return [
        f"alter schema {SCHEMA} rename to {old}",
        f"revoke all on schema {old} from {READER}",
    ]


def drop_retired() -> str:
    """Drop each schema set aside that nobody uses and nothing outside it depends on.

    A table is never waited for, and a view that somebody made on one keeps it.
    """
    return f"""do $klimamonitor$
declare retired name; tables text;
begin
    perform set_config('lock_timeout', '100ms', true);
    for retired in select nspname from pg_namespace where starts_with(nspname, '{OLD}')
    loop
        begin
            select string_agg(format('%I.%I', retired, relname), ', ') into tables
            from pg_class where relnamespace = to_regnamespace(quote_ident(retired))
                and relkind = 'r';
            if tables is not null then
                execute 'drop table ' || tables;
            end if;
            execute format('drop schema %I', retired);
        exception when lock_not_available or dependent_objects_still_exist then
            null;
        end;
    end loop;
end $klimamonitor$"""  # noqa: S608


def drop_unfinished() -> str:
    """Drop what a load has left that was killed between filling its tables and their exchange."""
    return f"""do $klimamonitor$
declare unfinished name;
begin
    for unfinished in select nspname from pg_namespace where starts_with(nspname, '{NEXT}')
    loop
        execute format('drop schema %I cascade', unfinished);
    end loop;
end $klimamonitor$"""  # noqa: S608


# Of a transaction that has written; as PostgreSQL stores it with rows.
TRANSACTION = "select pg_current_xact_id()::xid::text"

STRUCTURE = """
select
    pg_class.relname::text as table_name,
    pg_attribute.attname::text as column_name,
    format_type(pg_attribute.atttypid, pg_attribute.atttypmod) as type,
    pg_attribute.attnotnull as is_required
from pg_class
inner join pg_attribute on pg_attribute.attrelid = pg_class.oid
where pg_class.relnamespace = to_regnamespace($1) and pg_class.relkind in ('r', 'v', 'm', 'p')
    and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
order by 1, pg_attribute.attnum
"""

CONSTRAINTS = """
select
    pg_class.relname::text as table_name,
    pg_constraint.contype::text as kind,
    (select string_agg(attname, ', ' order by place) from unnest(pg_constraint.conkey)
        with ordinality as keys (number, place)
        inner join pg_attribute on attrelid = pg_constraint.conrelid and attnum = number)
        as columns,
    other.relname::text as references_table,
    (select string_agg(attname, ', ' order by place) from unnest(pg_constraint.confkey)
        with ordinality as keys (number, place)
        inner join pg_attribute on attrelid = pg_constraint.confrelid and attnum = number)
        as references_columns
from pg_constraint
inner join pg_class on pg_class.oid = pg_constraint.conrelid
left join pg_class as other on other.oid = pg_constraint.confrelid
where pg_class.relnamespace = to_regnamespace($1) and pg_constraint.contype in ('p', 'f')
"""

SERVED = (
    "select obj_description(oid, 'pg_namespace') from pg_namespace "  # noqa: S608
    f"where nspname = {literal(SCHEMA)}"
)


def holders(loaded_by: int) -> str:
    """The processes that ``lock_served`` waits for."""
    return f"""
select string_agg(pid::text, ', ' order by pid) from (
    select distinct pid from pg_locks
    inner join pg_class on pg_class.oid = pg_locks.relation
    where relnamespace = to_regnamespace('{SCHEMA}') and pid <> pg_backend_pid()
    union
    select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
        and age(backend_xmin) >= age('{loaded_by}'::xid)
) as holders
"""  # noqa: S608
