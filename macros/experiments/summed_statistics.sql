{# The sums of feat_experiment_metric_segment_day__sums, added up; for a select list. #}
{% macro summed_statistics() -%}
    {%- for name in statistic_names() -%}
        sum(sum_{{ name }}) as sum_{{ name }}{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
