{#- The guard of every comparison, as branches of a case expression: first what forbids it, then
    what has to be said about it. Both rows have the columns of int_comparable_figures_selected.
    A reconciliation may have an example on one side: it says how it works. -#}
{% macro comparability_barriers(one, other, may_mix_examples=false) -%}
    when {{ one }}.definition_version <> {{ other }}.definition_version then 'definition_changed'
        when {{ one }}.boundary <> {{ other }}.boundary then 'boundary'
        when {{ one }}.gwp_set <> {{ other }}.gwp_set then 'gwp_set_changed'
        when {{ one }}.is_observed <> {{ other }}.is_observed then 'evidence_changed'
        when not {{ one }}.is_complete or not {{ other }}.is_complete then 'lower_bound'
        when {{ one }}.is_example <> {{ other }}.is_example
            then '{{ 'example_one_sided' if may_mix_examples else 'example_mixed' }}'
{%- endmacro %}

{% macro comparability_cautions(one, other) -%}
    when {{ one }}.is_example then 'example'
        when not {{ one }}.is_observed then 'not_observed'
        when ({{ one }}.gwp_set is null) <> ({{ other }}.gwp_set is null) then 'gwp_set_unknown'
        when
            {{ one }}.grade_activity <> {{ other }}.grade_activity
            or {{ one }}.grade_factor <> {{ other }}.grade_factor
            then 'grade_changed'
        else 'comparable'
{%- endmacro %}
