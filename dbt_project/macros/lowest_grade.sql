{#- The lowest of the grades H, M and L in a group: a figure is no better than its worst part. -#}
{% macro lowest_grade(grade) -%}
    case
        when count(*) filter (where {{ grade }} = 'L') > 0 then 'L'
        when count(*) filter (where {{ grade }} = 'M') > 0 then 'M'
        when count(*) filter (where {{ grade }} = 'H') > 0 then 'H'
    end
{%- endmacro %}
