{#- A draft begins empty and is private until it is sealed. dbt's own materialisations build beside
    the old relation, rename, grant, drop and commit: a dozen statements a model for nothing here.
    These make the relation, its contract and its comments in one. Hooks and grants are not run. -#}
{% materialization view, adapter='duckdb' %}
    {%- do refuse_hooks() -%}
    {%- set relation = this.incorporate(type='view') -%}
    {% call statement('main') -%}
        create or replace view {{ relation }} as (
            {{ sql }}
        );
        {{ documenting_sql(relation) }}
    {%- endcall %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}


{% materialization table, adapter='duckdb' %}
    {%- do refuse_hooks() -%}
    {%- set relation = this.incorporate(type='table') -%}
    {% call statement('main') -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(sql) }}
            create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ relation }} by name (
                {{ sql }}
            );
        {%- else -%}
            create or replace table {{ relation }} as (
                {{ sql }}
            );
        {%- endif -%}
        {{ documenting_sql(relation) }}
    {%- endcall %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}


{#- Types come from the register's yml, names and order from its header; dbt's own way reads every
    file once in Python to guess what is declared. -#}
{% materialization seed, adapter='duckdb' %}
    {%- do refuse_hooks() -%}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set types = [] -%}
    {%- for name, type in config.get('column_types', {}).items() -%}
        {%- do types.append("'" ~ name ~ "': '" ~ type ~ "'") -%}
    {%- endfor -%}
    {%- do store_result('agate_table', response='OK') -%}
    {% call statement('main') -%}
        create or replace table {{ relation }} as
        select * from read_csv(
            '{{ adapter.get_seed_file_path(model) }}',
            header = true,
            delim = ',',
            quote = '"',
            escape = '"',
            types = {{ '{' ~ types | join(', ') ~ '}' }}
        );
        {{ documenting_sql(relation) }}
    {%- endcall %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}


{#- Comments for readers of the file, where persist_docs asks for them. -#}
{% macro documenting_sql(relation) %}
    {%- if config.persist_relation_docs() and model.description -%}
        comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(model.description) }};
    {%- endif -%}
    {%- if config.persist_column_docs() -%}
        {%- for column in model.columns.values() if column.description %}
        comment on column {{ relation }}.{{ column.name }} is {{ duckdb_escape_comment(column.description) }};
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{% macro refuse_hooks() %}
    {%- if pre_hooks or post_hooks -%}
        {{ exceptions.raise_compiler_error('Hooks are not run: see macros/materializations.') }}
    {%- endif -%}
{% endmacro %}
