{# What cohorts are told apart by besides the month: columns of feat_customer__cohorts. #}
{% macro cohort_dimensions() %}{{ return(['country', 'first_category', 'first_channel']) }}{% endmacro %}
