{#
    A fingerprint of all rows of the table aliased `contents`, whatever their order:
    their number and the sum of their hashes. With `group by`, one of each group.
#}
{% macro table_fingerprint() %}{{ return(adapter.dispatch('table_fingerprint')()) }}{% endmacro %}

{% macro default__table_fingerprint() -%}
    md5(
        cast(count(*) as string) || ':'
        || coalesce(cast(sum(cast(xxhash64(*) as decimal(38, 0))) as string), '0')
    )
{%- endmacro %}

{% macro duckdb__table_fingerprint() -%}
    md5(
        cast(count(*) as string) || ':'
        || coalesce(cast(sum(cast(hash(contents) as hugeint)) as string), '0')
    )
{%- endmacro %}
