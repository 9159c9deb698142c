{#
    Every reason that applies to a row, joined by '; ', or null when none does.
    Takes a mapping of reason (a rule_id of the seed data_quality_rules) to condition.
#}
{% macro rejections(rules) -%}
    nullif(concat_ws('; '
        {%- for reason, condition in rules.items() %},
        case when {{ condition }} then '{{ reason }}' end
        {%- endfor %}
    ), '')
{%- endmacro %}
