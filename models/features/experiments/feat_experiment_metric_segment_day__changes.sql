-- By how much did what units did on each day change the sums over them?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed('feat_experiment_metric_day__fingerprints', 'day_fingerprint') }}",
) }}
{% set covariates = ['x', 'w', 'xx', 'xw', 'ww'] %}
{% set blocks = unit_blocks(ref('feat_experiment_segment_day__arrivals')) %}
{% set outcomes = ref('feat_experiment_unit_day__outcomes') %}
{% set parts = ref('feat_metric__parts') %}
{% set experiment_metrics = ref('feat_experiment__metrics') %}
{% set all_additions = ref('feat_experiment_unit_metric_day__additions') %}
{% set additions = 'additions' if is_incremental() else all_additions %}
with

series as (
    select * from {{ ref('feat_experiment_metric_segment__series') }}
),

numbers as (
    select distinct
        metric_number,
        experiment_id,
        metric_id
    from series
),

missing_days as (
    {{ not_yet_made('feat_experiment_metric_day__fingerprints', 'day_fingerprint') }}
),

days as (
    select
        numbers.metric_number,
        missing_days.day_fingerprint,
        missing_days.known_date
    from missing_days
    inner join numbers
        on
            missing_days.experiment_id = numbers.experiment_id
            and missing_days.metric_id = numbers.metric_id
),

{% if is_incremental() -%}
    missing_metrics as (
        select * from {{ experiment_metrics }}
        where metric_number in (select metric_number from days)
    ),
{%- endif %}

-- Units follow their own days: all at once would be sorted on disk, a block is not.
changes_of_blocks as (
    {%- for block in blocks %}
        {{ 'union all' if not loop.first }}
        select *
        from (
            with

            {% if is_incremental() -%}
                new_outcomes as (
                    select * from {{ outcomes }}
                    where
                        (experiment_id, known_date) in (
                            select
                                experiment_id,
                                known_date
                            from missing_days
                        )
                        and {{ block }}
                ),

                new_additions as (
                    {{ unit_additions('new_outcomes', parts, 'missing_metrics')
                        | indent(16) }}
                ),

                -- Who did something on a missing day is followed from the beginning.
                followed as (
                    select distinct
                        experiment_id,
                        unit_number,
                        metric_number
                    from new_additions
                    where
                        (metric_number, known_date) in (
                            select
                                metric_number,
                                known_date
                            from days
                        )
                ),

                followed_outcomes as (
                    select * from {{ outcomes }}
                    where
                        (experiment_id, unit_number) in (
                            select
                                experiment_id,
                                unit_number
                            from followed
                        )
                        and {{ block }}
                ),

                followed_additions as (
                    {{ unit_additions('followed_outcomes', parts, 'missing_metrics')
                        | indent(16) }}
                ),

                additions as (
                    select * from followed_additions
                    where
                        (unit_number, metric_number) in (
                            select
                                unit_number,
                                metric_number
                            from followed
                        )
                ),
            {%- endif %}

            -- What was done before the exposure needs no order of days.
            before_exposure as (
                select
                    unit_number,
                    metric_number,
                    cell_number,
                    {%- for part in ['x', 'w'] %}
                        cast(
                            sum(case when part = '{{ part }}' then amount else 0 end)
                            as decimal(18, 4)
                        ) as {{ part }},
                    {%- endfor %}
                    exposure_date
                from {{ additions }}
                where part in ('x', 'w') and {{ block }}
                group by unit_number, metric_number, cell_number, exposure_date
            ),

            after_exposure as (
                select
                    unit_number,
                    metric_number,
                    cell_number,
                    case when part = 'y' then amount else 0 end as y_added,
                    case when part = 'd' then amount else 0 end as d_added,
                    exposure_date,
                    known_date
                from {{ additions }}
                where part in ('y', 'd') and {{ block }}
            ),

            running as (
                select
                    after_exposure.*,
                    cast(sum(y_added) over days_so_far as decimal(18, 4)) as y,
                    cast(sum(d_added) over days_so_far as decimal(18, 4)) as d
                from after_exposure
                window
                    days_so_far as (
                        partition by unit_number, metric_number
                        order by known_date
                        rows between unbounded preceding and current row
                    )
            ),

            brought as (
                select
                    before_exposure.cell_number,
                    before_exposure.metric_number,
                    least(before_exposure.x, series.cap) as x,
                    before_exposure.w,
                    {{ entry_date('before_exposure.exposure_date', 'series') }}
                        as observed_date,
                    before_exposure.exposure_date as known_date
                from before_exposure
                inner join series
                    on
                        before_exposure.cell_number = series.cell_number
                        and before_exposure.metric_number = series.metric_number
            ),

            reached as (
                select
                    running.cell_number,
                    running.metric_number,
                    least(running.y, series.cap) as y,
                    running.d,
                    least(coalesce(before_exposure.x, 0), series.cap) as x,
                    coalesce(before_exposure.w, 0) as w,
                    cast(
                        least(running.y - running.y_added, series.cap)
                        as decimal(18, 4)
                    ) as y_before,
                    cast(running.d - running.d_added as decimal(18, 4)) as d_before,
                    greatest(
                        running.known_date,
                        {{ entry_date('running.exposure_date', 'series') }}
                    ) as observed_date,
                    running.known_date
                from running
                inner join series
                    on
                        running.cell_number = series.cell_number
                        and running.metric_number = series.metric_number
                left join before_exposure
                    on
                        running.unit_number = before_exposure.unit_number
                        and running.metric_number = before_exposure.metric_number
            )

            select
                cell_number,
                metric_number,
                observed_date,
                {%- for name in statistic_names() %}
                    {{ 'sum(' ~ name | join(' * ') ~ ')' if name in covariates else 0 }}
                        as sum_{{ name }},
                {%- endfor %}
                known_date
            from brought
            group by cell_number, metric_number, observed_date, known_date
            union all
            select
                cell_number,
                metric_number,
                observed_date,
                {%- for name in statistic_names() %}
                    {%- set before = name | map('replace', 'y', 'y_before')
                        | map('replace', 'd', 'd_before') | join(' * ') %}
                    {{ 0 if name in covariates
                        else 'sum(' ~ name | join(' * ') ~ ' - ' ~ before ~ ')' }}
                        as sum_{{ name }},
                {%- endfor %}
                known_date
            from reached
            group by cell_number, metric_number, observed_date, known_date
        ) as block_{{ loop.index }}
    {%- endfor %}
),

summed as (
    select
        cell_number,
        metric_number,
        observed_date,
        {{ summed_statistics() }},
        known_date
    from changes_of_blocks
    group by cell_number, metric_number, observed_date, known_date
),

feat_experiment_metric_segment_day__changes as (
    select
        series.experiment_id,
        series.metric_id,
        series.variant,
        series.channel,
        series.country,
        series.customer_status,
        summed.observed_date,
        {%- for name in statistic_names() %}
            cast(summed.sum_{{ name }} as decimal(38, 8)) as sum_{{ name }},
        {%- endfor %}
        days.day_fingerprint,
        days.known_date
    from summed
    inner join series
        on
            summed.cell_number = series.cell_number
            and summed.metric_number = series.metric_number
    inner join days
        on
            summed.metric_number = days.metric_number
            and summed.known_date = days.known_date
)

select * from feat_experiment_metric_segment_day__changes
