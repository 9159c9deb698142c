{#
    The days of experiments that an incremental table does not hold, or all of them where
    it is made anew: for a model that stores the `fingerprint` of a day, a column of
    feat_experiment_day__fingerprints, as `day_fingerprint` with each row of that day.
#}
{% macro missing_days(fingerprint) -%}
    select
        experiment_id,
        {{ fingerprint }} as day_fingerprint,
        observed_date
    from {{ ref('feat_experiment_day__fingerprints') }}
    {%- if is_incremental() %}
        where {{ fingerprint }} not in (select distinct day_fingerprint from {{ this }})
    {%- endif %}
{%- endmacro %}
