{# The reasons to reject a required timestamp, as `rejections` takes them. #}
{% macro timestamp_rules(column) %}
    {{ return({
        column ~ '_not_a_timestamp': column ~ ' is null',
        column ~ '_before_1990': column ~ " < cast('1990-01-01' as timestamp)",
        column ~ '_after_as_of_date': column ~ ' >= ' ~ latest_timestamp(),
    }) }}
{% endmacro %}
