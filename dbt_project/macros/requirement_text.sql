{#- A reason's text with the part, the dates and the counts of its row in place of the words in
    braces; where two versions of the rule hold at once it says which one counts. -#}
{% macro requirement_text(text, language) -%}
    {%- set figures = {
        'part_da': 'coded.part_name_da',
        'part_en': 'coded.part_name_en',
        'found': 'cast(coded.evidence_count as string)',
        'needed': 'cast(coded.min_count as string)',
        'due': 'cast(coded.due_date as string)',
        'grace': 'cast(coded.grace_until_date as string)',
        'reply': 'cast(coded.reply_until_date as string)',
        'expires': 'cast(coded.waiver_expires_date as string)',
        'waiver_reason': 'coded.waiver_reason_da',
        'membership': 'coded.membership_status',
        'rule_status_da': 'coded.rule_status_da',
        'rule_status_en': 'coded.rule_status_en',
    } -%}
    {%- set filled = namespace(text=text) -%}
    {%- for name, figure in figures.items() -%}
        {%- set filled.text =
            "replace(" ~ filled.text ~ ", '{" ~ name ~ "}', coalesce(" ~ figure ~ ", ''))" -%}
    {%- endfor -%}
    {%- set overlap = {
        'da': ("' Flere regelversioner gælder på datoen; den højeste (version '", "') er brugt.'"),
        'en': ("' Several versions of the rule hold on the date; the highest (version '",
            "') is used.'"),
    }[language] -%}
    {{ filled.text }} || case
        when coded.valid_versions_count > 1
            then {{ overlap[0] }} || cast(coded.rule_version as string) || {{ overlap[1] }}
        else ''
    end
{%- endmacro %}
