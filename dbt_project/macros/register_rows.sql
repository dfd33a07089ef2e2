{#- A register: rows of the project's own seed, and those of the secretariat's newest workbook,
    which go before the same row of the seed. `columns` maps each column to text, date, integer or
    boolean; `key` lists the columns that make two rows the same. -#}
{% macro register_rows(block, columns, key) -%}
    {%- set names = columns.keys() | join(', ') -%}
    {%- set given = [] -%}
    {%- for name, kind in columns.items() -%}
        {%- do given.append(register_value(name, kind) ~ ' as ' ~ name) -%}
    {%- endfor -%}
    {%- set parts = [] -%}
    {%- for name in key -%}
        {%- do parts.append('cast(' ~ name ~ ' as string)') -%}
    {%- endfor -%}
    with seeded as (
        select * from {{ ref(block) }}
    ),

    cells as (
        select * from {{ ref('int_register_cells_selected') }}
        where block = '{{ block }}'
    ),

    registered as (
        select
            {{ given | join(', ') }},
            min(source_ref) as source_ref,
            max(recorded_at) as recorded_at,
            bool_or(is_example) as is_example
        from cells
        group by row_key
    ),

    unioned as (
        select
            {{ names }},
            cast(recorded_on as timestamp) as recorded_at,
            false as is_example,
            'register:{{ block }}#' || {{ parts | join(" || '|' || ") }} as source_ref,
            2 as preference
        from seeded
        union all
        select
            {{ names }},
            recorded_at,
            is_example,
            source_ref,
            1 as preference
        from registered
    )

    select
        {{ names }},
        recorded_at,
        is_example,
        source_ref
    from unioned
    qualify row_number() over (partition by {{ key | join(', ') }} order by preference) = 1
{%- endmacro %}

{#- One field of a register's row, from its cells. -#}
{% macro register_value(name, kind) -%}
    {%- set here = "filter (where field = '" ~ name ~ "')" -%}
    {%- set values = {
        'text': 'max(value_text) ' ~ here,
        'date': 'max(value_date) ' ~ here,
        'integer': 'cast(max(value_number) ' ~ here ~ ' as integer)',
        'boolean': "coalesce(bool_or(value_text = 'true') " ~ here ~ ', false)',
    } -%}
    {{ values[kind] }}
{%- endmacro %}
