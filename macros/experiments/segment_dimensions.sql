{# What units are told apart by: columns of feat_experiment_unit__segments. #}
{% macro segment_dimensions() %}{{ return(['channel', 'country', 'customer_status']) }}{% endmacro %}
