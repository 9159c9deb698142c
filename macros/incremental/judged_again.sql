{#
    For checked tables, whose rows are judged together with those of the same key.
    `forget_judged` is for the pre-hook: it deletes the rows that were given on days that
    are no longer made of what they were, and all that share a key with a row of such a
    day, old or new. `not_wholly_judged` are the days of which the table holds not all
    rows after that, and `not_judged` is the condition that a raw row is one of theirs and
    the table does not hold its key: these rows are to be judged.
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

{% macro not_wholly_judged(days) -%}
    select days.*
    from {{ ref(days) }} as days
    {%- if is_incremental() %}
        left join
            (
                select
                    day_fingerprint,
                    count(*) as row_count
                from {{ this }}
                group by day_fingerprint
            ) as judged
            on days.day_fingerprint = judged.day_fingerprint
        where days.row_count > coalesce(judged.row_count, 0)
    {%- endif -%}
{%- endmacro %}

{# `days` is the name of what `not_wholly_judged` selects. #}
{% macro not_judged(days, timestamp, key) -%}
    {%- if is_incremental() -%}
        {{ given_date(timestamp) }} in (select given_date from {{ days }})
        and {{ given_key(key) }} not in (
            select {{ content(key) }}
            from {{ this }}
            where day_fingerprint in (select day_fingerprint from {{ days }})
        )
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
