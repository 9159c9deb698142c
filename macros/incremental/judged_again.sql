{#
    For checked tables, whose rows are judged together with those of the same key.
    `forget_judged` is for the pre-hook: it deletes the rows that were given on days that
    are no longer made of what they were, and all that share a key with a row of such a
    day, old or new. `not_judged` is the condition that the table does not hold the key of
    a raw row: these rows are to be judged.
#}
{% macro forget_judged(raw, days, timestamp, key) -%}
    {%- set shares_a_key -%}
        {{ content(key) }} in (
            select {{ content(key) }}
            from {{ this }}
            where day_fingerprint not in (select day_fingerprint from {{ ref(days) }})
            union all
            select {{ given_key(key) }}
            from {{ ref(raw) }}
            where {{ given_date(timestamp) }} in (
                select given_date
                from {{ ref(days) }}
                where day_fingerprint not in (
                    select distinct day_fingerprint from {{ this }}
                )
            )
        )
    {%- endset -%}
    {{ forget_rows(shares_a_key) }}
{%- endmacro %}

{% macro not_judged(key) -%}
    {%- if is_incremental() -%}
        {{ given_key(key) }} not in (select {{ content(key) }} from {{ this }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# The key of a raw row, read as in the table, as one text. #}
{% macro given_key(key) -%}
    {%- set read = [] -%}
    {%- for column in key -%}
        {%- set contracted = model.columns.get(column, {}).data_type -%}
        {%- do read.append(
            utc_timestamp(column) if contracted == 'timestamp' else text_or_null(column)
        ) -%}
    {%- endfor -%}
    {{ content(read) }}
{%- endmacro %}
