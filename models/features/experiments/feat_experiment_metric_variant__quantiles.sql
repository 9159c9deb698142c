-- What is the wanted quantile of each variant's units, and between which values is it?
{# The standard normal quantile of 97.5 %. #}
{% set z = 1.959963984540054 %}
with

additions as (
    select * from {{ ref('feat_experiment_unit_metric_day__additions') }}
    where part = 'y'
),

units as (
    select * from {{ ref('feat_experiment_unit__segments') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
    where metric_kind = 'quantile'
),

experiment_metrics as (
    select
        experiment_metrics.experiment_id,
        metrics.metric_id,
        metrics.quantile_level,
        metrics.window_start_days,
        metrics.window_days
    from {{ ref('feat_experiment__metrics') }} as experiment_metrics
    inner join metrics on experiment_metrics.metric_id = metrics.metric_id
    where not experiment_metrics.is_given
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- As in the sums: where the window opens later, only units whose window has closed.
members as (
    select
        units.experiment_id,
        experiment_metrics.metric_id,
        units.variant,
        units.unit_number,
        experiment_metrics.quantile_level
    from units
    inner join experiment_metrics
        on units.experiment_id = experiment_metrics.experiment_id
    inner join as_of
        on
            {{ entry_date('units.exposure_date', 'experiment_metrics') }}
            <= as_of.as_of_date
),

arms as (
    select
        experiment_id,
        metric_id,
        variant,
        quantile_level,
        cast(count(*) as bigint) as unit_count
    from members
    group by experiment_id, metric_id, variant, quantile_level
),

-- The ranks whose values bound the quantile: by the normal limit of the binomial number
-- of units below it.
ranks as (
    select
        arms.*,
        cast(greatest(1, ceil(unit_count * quantile_level)) as bigint) as middle,
        cast(greatest(1, floor(
            unit_count * quantile_level
            - {{ z }} * sqrt(unit_count * quantile_level * (1 - quantile_level))
        )) as bigint) as low,
        cast(least(unit_count, 1 + ceil(
            unit_count * quantile_level
            + {{ z }} * sqrt(unit_count * quantile_level * (1 - quantile_level))
        )) as bigint) as high
    from arms
),

unit_values as (
    select
        members.experiment_id,
        members.metric_id,
        members.variant,
        members.unit_number,
        cast(sum(additions.amount) as decimal(18, 4)) as y
    from additions
    inner join members
        on
            additions.experiment_id = members.experiment_id
            and additions.metric_id = members.metric_id
            and additions.unit_number = members.unit_number
    group by
        members.experiment_id, members.metric_id, members.variant, members.unit_number
    having sum(additions.amount) <> 0
),

counted as (
    select
        unit_values.*,
        arms.unit_count,
        row_number() over (
            partition by
                unit_values.experiment_id, unit_values.metric_id, unit_values.variant
            order by unit_values.y, unit_values.unit_number
        ) as value_place,
        count(*) over (
            partition by
                unit_values.experiment_id, unit_values.metric_id, unit_values.variant
        ) as value_count
    from unit_values
    inner join arms
        on
            unit_values.experiment_id = arms.experiment_id
            and unit_values.metric_id = arms.metric_id
            and unit_values.variant = arms.variant
),

-- Units of value 0 have no row; they stand between those below and those above 0.
placed as (
    select
        counted.*,
        case
            when y > 0 then value_place + unit_count - value_count
            else value_place
        end as place
    from counted
),

feat_experiment_metric_variant__quantiles as (
    select
        ranks.experiment_id,
        ranks.metric_id,
        ranks.variant,
        ranks.unit_count,
        {%- for rank, name in [
            ('middle', 'quantile_value'),
            ('low', 'quantile_lower'),
            ('high', 'quantile_upper'),
        ] %}
            cast(
                coalesce(
                    max(case when placed.place = ranks.{{ rank }} then placed.y end), 0
                ) as double
            ) as {{ name }},
        {%- endfor %}
        ranks.quantile_level
    from ranks
    left join placed
        on
            ranks.experiment_id = placed.experiment_id
            and ranks.metric_id = placed.metric_id
            and ranks.variant = placed.variant
    group by
        ranks.experiment_id,
        ranks.metric_id,
        ranks.variant,
        ranks.unit_count,
        ranks.quantile_level
)

select * from feat_experiment_metric_variant__quantiles
