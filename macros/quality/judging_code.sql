{#
    A checksum of what the macros write by which rows are read and judged: another one,
    other code. For fingerprints of what checked tables are made of. The day up to which
    rows may be used is no code.
#}
{% macro judging_code() %}
    {{ return(local_md5([
        text_or_null('c'), utc_timestamp('c'), not_read('c'), content(['c']),
        row_status(['c']), row_as_struct('c'), struct_as_json('c'),
        rejections(timestamp_rules('c')) | replace(latest_timestamp(), ''),
    ] | join(' '))) }}
{% endmacro %}
