-- What came out of each experiment, in words, and what should be done?
with

health as (
    select * from {{ ref('experiment_health') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- The best variant speaks for its experiment.
best as (
    select * from {{ ref('experiment_decisions') }}
    where place = 1
),

counted as (
    select
        experiment_id,
        count(*) as variant_count,
        count_if(is_worse) as worse_count
    from {{ ref('experiment_decisions') }}
    group by experiment_id
),

lasting as (
    select
        health.experiment_id,
        health.status as health_status,
        health.reason as health_reason,
        health.analysed_unit_count,
        health.started_at,
        health.ended_at,
        greatest(1, floor((
            {{ epoch_seconds(
                "least(coalesce(health.ended_at, cast(as_of.as_of_date "
                ~ "+ interval '1' day as timestamp)), "
                ~ "cast(as_of.as_of_date + interval '1' day as timestamp))"
            ) }}
            - {{ epoch_seconds('health.started_at') }}
        ) / 86400)) as day_count
    from health
    cross join as_of
),

judged as (
    select
        lasting.*,
        best.metric_id as primary_metric_id,
        best.metric_name,
        best.metric_kind,
        best.variant,
        best.method,
        best.value,
        best.control_value,
        best.effect,
        best.effect_lower,
        best.effect_upper,
        best.relative_effect,
        best.relative_effect_lower,
        best.relative_effect_upper,
        best.confidence_level,
        best.is_running,
        best.information_share,
        case
            when best.is_running then best.sequential_p_value
            else best.fixed_p_value
        end as p_value,
        best.broken_metric_ids,
        best.held_metric_ids,
        best.not_proven_metric_ids,
        case
            when lasting.health_status in ('invalid', 'no data')
                then lasting.health_status
            when best.effect_lower is null then 'no data'
            when best.is_better and best.broken_metric_ids is null then 'ship'
            when best.is_better then 'stop'
            when counted.worse_count = counted.variant_count then 'stop'
            when best.is_running then 'keep running'
            when best.information_share >= 1 then 'stop'
            else 'inconclusive'
        end as verdict,
        best.is_better,
        counted.worse_count = counted.variant_count as are_all_worse,
        -- Of an effect on the sum over all units, as if all of a year's met the variant.
        case
            when best.metric_kind not in ('ratio', 'quantile')
                then lasting.analysed_unit_count / lasting.day_count * 365
        end as units_per_year
    from lasting
    left join best on lasting.experiment_id = best.experiment_id
    left join counted on lasting.experiment_id = counted.experiment_id
),

worded as (
    select
        judged.*,
        metric_name || ': ' || {{ shown_number('value', 'metric_kind') }}
        || ' with ' || variant || ', '
        || {{ shown_number('control_value', 'metric_kind') }} || ' with the control ('
        || coalesce(
            {{ shown_percentage('relative_effect') }} || ', between '
            || {{ shown_percentage('relative_effect_lower') }} || ' and '
            || {{ shown_percentage('relative_effect_upper') }},
            'effect between ' || {{ shown_number('effect_lower', 'metric_kind') }}
            || ' and ' || {{ shown_number('effect_upper', 'metric_kind') }}
        )
        || ' at ' || {{ shown_percentage('confidence_level') }} || ' confidence)'
            as finding,
        case
            when verdict = 'ship' then 'Ship ' || variant || '.'
            when verdict = 'stop' and is_better
                then 'Stop: ' || variant || ' is better, but harms '
                || broken_metric_ids || '.'
            when verdict = 'stop' and are_all_worse
                then 'Stop: no variant is as good as the control.'
            when verdict = 'stop'
                then 'Stop: an effect as large as planned would have been seen.'
            when verdict = 'keep running'
                then 'Keep running: nothing is decided yet'
                || coalesce(
                    '; ' || {{ shown_percentage('least(information_share, 1)') }}
                    || ' of the information for the planned effect is there',
                    ''
                ) || '.'
            when verdict = 'inconclusive'
                then 'Inconclusive: it ended before an effect was shown or ruled out.'
            when verdict = 'no data'
                then 'No data: ' || coalesce(health_reason, 'nothing to compare') || '.'
            else 'Invalid because ' || health_reason || '.'
        end as advice,
        nullif(concat_ws(
            '; ',
            'harmed: ' || broken_metric_ids,
            'held: ' || held_metric_ids,
            'not proven harmless: ' || not_proven_metric_ids
        ), '') as guardrails
    from judged
),

experiment_readout as (
    select
        experiment_id,
        verdict,
        case
            when verdict in ('ship', 'stop', 'keep running', 'inconclusive')
                then variant
        end as variant,
        concat_ws(
            ' ',
            advice,
            case
                when verdict not in ('invalid', 'no data') then finding || '.'
            end,
            case
                when verdict not in ('invalid', 'no data')
                    then 'Guardrails: ' || guardrails || '.'
            end,
            case
                when verdict not in ('invalid', 'no data') and health_status = 'check'
                    then 'Check first: ' || health_reason || '.'
            end
        ) as readout,
        health_status,
        health_reason,
        coalesce(is_running, false) as is_running,
        primary_metric_id,
        method,
        cast(analysed_unit_count as bigint) as unit_count,
        cast(day_count as bigint) as day_count,
        {%- for name in [
            'value', 'control_value', 'effect', 'effect_lower', 'effect_upper',
            'relative_effect', 'relative_effect_lower', 'relative_effect_upper',
            'p_value', 'information_share',
        ] %}
            case when verdict not in ('invalid', 'no data') then {{ name }} end
                as {{ name }},
        {%- endfor %}
        {%- for name in ['effect', 'effect_lower', 'effect_upper'] %}
            case
                when verdict not in ('invalid', 'no data')
                    then {{ name }} * units_per_year
            end as annual_{{ name }},
        {%- endfor %}
        guardrails,
        started_at,
        ended_at
    from worded
)

select * from experiment_readout
