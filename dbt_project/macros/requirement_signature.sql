{#- All that a published period of a requirement says, in one text. -#}
{% macro requirement_signature() -%}
    {%- set columns = [
        'status', 'reason_code', 'reason_da', 'reason_en', 'rule_version', 'evidence_count',
        'parts_count', 'parts_met_count', 'parts_da', 'due_date', 'grace_until_date',
        'reply_until_date', 'is_registered_deadline', 'rule_status_da', 'waiver_expires_date',
        'waiver_evidence', 'waiver_source_ref', 'reply_received_date', 'reply_remark_da',
        'reply_source_ref', 'is_example', 'membership_status',
    ] -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append("coalesce(cast(" ~ column ~ " as string), '')") -%}
    {%- endfor -%}
    concat_ws('|', {{ texts | join(', ') }})
{%- endmacro %}
