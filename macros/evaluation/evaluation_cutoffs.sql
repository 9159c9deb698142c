{# How many products of each list count: the k of the metrics. #}
{% macro evaluation_cutoffs() %}
    {{ return([5, 10, 20]) }}
{% endmacro %}
