{#
    What units of experiments and customers in funnels are told apart by: columns of
    feat_experiment_unit__segments and feat_funnel_customer__segments.
#}
{% macro segment_dimensions() %}{{ return(['channel', 'country', 'customer_status']) }}{% endmacro %}
