with table_keys as (
    {{ table_keys() }}
)

select
    table_name,
    kind,
    column_names,
    references_table,
    references_columns
from table_keys
order by table_name asc, kind desc, column_names asc
