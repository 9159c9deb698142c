{#
    A checksum of what the macros write by which rows are read and judged: another one,
    other code. For fingerprints of what checked tables are made of.
#}
{% macro judging_code() %}
    {{ return(local_md5([
        text_or_null('c'), utc_timestamp('c'), content(['c']), row_status(['c']),
        rejections({'r': 'c'}), timestamp_rules('c') | list, row_as_struct('c'),
        struct_as_json('c'),
    ] | join(' '))) }}
{% endmacro %}
