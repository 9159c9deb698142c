-- What is the wanted quantile of each variant's units, and between which values is it?
{# The standard normal quantile of 97.5 %. #}
{% set z = 1.959963984540054 %}
with

totals as (
    select * from {{ ref('feat_experiment_unit_metric_day__additions') }}
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
        metrics.quantile_level
    from {{ ref('feat_experiment__metrics') }} as experiment_metrics
    inner join metrics on experiment_metrics.metric_id = metrics.metric_id
    where not experiment_metrics.is_given
),

arms as (
    select
        units.experiment_id,
        experiment_metrics.metric_id,
        units.variant,
        experiment_metrics.quantile_level,
        cast(count(*) as bigint) as unit_count
    from units
    inner join experiment_metrics
        on units.experiment_id = experiment_metrics.experiment_id
    group by
        units.experiment_id,
        experiment_metrics.metric_id,
        units.variant,
        experiment_metrics.quantile_level
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
        totals.experiment_id,
        totals.metric_id,
        units.variant,
        totals.unit_id,
        cast(sum(totals.y) as decimal(18, 4)) as y
    from totals
    inner join metrics on totals.metric_id = metrics.metric_id
    inner join units
        on
            totals.experiment_id = units.experiment_id
            and totals.unit_id = units.unit_id
    group by
        totals.experiment_id, totals.metric_id, units.variant, totals.unit_id
    having sum(totals.y) <> 0
),

-- Units of value 0 have no row; they stand between those below and those above 0.
placed as (
    select
        unit_values.*,
        row_number() over (
            partition by experiment_id, metric_id, variant order by y, unit_id
        ) as place,
        count(*) over (partition by experiment_id, metric_id, variant) as value_count
    from unit_values
),

feat_experiment_metric_variant__quantiles as (
    select
        ranks.experiment_id,
        ranks.metric_id,
        ranks.variant,
        ranks.unit_count,
        ranks.quantile_level,
        {%- for rank, name in [
            ('middle', 'quantile_value'),
            ('low', 'quantile_lower'),
            ('high', 'quantile_upper'),
        ] %}
        cast(coalesce(max(
            case
                when
                    placed.place + case
                        when placed.y > 0
                            then ranks.unit_count - placed.value_count
                        else 0
                    end = ranks.{{ rank }}
                    then placed.y
            end
            ), 0) as double) as {{ name }}{{ ',' if not loop.last }}
    
    {%- endfor %}
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
