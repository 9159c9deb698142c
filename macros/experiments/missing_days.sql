{#
    The days that an incremental table does not hold, or all of them where it is made
    anew: for a model that stores their `day_fingerprint` with each of its rows.
#}
{% macro missing_days(fingerprints) -%}
    select * from {{ ref(fingerprints) }}
    {%- if is_incremental() %}
        where day_fingerprint not in (select distinct day_fingerprint from {{ this }})
    {%- endif %}
{%- endmacro %}
