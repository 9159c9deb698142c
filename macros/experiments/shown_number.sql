{# A number in the words of a read-out: a share as a percentage, all else to four places. #}
{% macro shown_number(value, metric_kind) -%}
    case
        when {{ metric_kind }} in ('proportion', 'retention')
            then {{ shown_percentage(value) }}
        else cast(cast({{ value }} as decimal(28, 4)) as string)
    end
{%- endmacro %}
