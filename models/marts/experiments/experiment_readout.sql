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
        count_if(not (is_worse or is_harmful or is_planned_effect_ruled_out))
            as promising_count,
        {{ ordered_list(
            "case when place > 1 then variant || ' harms ' || broken_metrics end", '; '
        ) }} as other_harms
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
        health.started_at is not null
        and {{ is_running('health.ended_at', 'as_of.as_of_date') }} as is_running,
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
        best.control_variant,
        best.method,
        best.status,
        best.value,
        best.control_value,
        best.effect,
        best.effect_lower,
        best.effect_upper,
        best.relative_effect,
        best.relative_effect_lower,
        best.relative_effect_upper,
        best.confidence_level,
        best.p_value,
        best.minimum_detectable_effect,
        best.information_share,
        -- `least` passes over nulls.
        case
            when best.information_share is not null
                then least(best.information_share, 1)
        end as reached_share,
        best.is_open,
        best.is_better,
        best.is_worse,
        best.is_harmful,
        best.broken_metrics,
        best.held_metrics,
        best.not_proven_metrics,
        counted.variant_count,
        counted.other_harms,
        case
            when lasting.health_status in ('invalid', 'no data')
                then lasting.health_status
            when best.status is null or best.effect_lower is null then 'no data'
            when best.is_worse or best.is_harmful then 'stop'
            when best.is_better then 'ship'
            when counted.promising_count = 0 then 'stop'
            when lasting.is_running then 'keep running'
            when best.is_open then 'wait'
            else 'inconclusive'
        end as verdict,
        -- Of an effect on the sum over all units, as if all of a year met the variant.
        case
            when best.metric_kind not in ('ratio', 'quantile')
                then lasting.analysed_unit_count / lasting.day_count * 365
        end as units_per_year
    from lasting
    left join best on lasting.experiment_id = best.experiment_id
    left join counted on lasting.experiment_id = counted.experiment_id
),

advised as (
    select
        judged.*,
        verdict not in ('invalid', 'no data') as is_decidable,
        case
            when verdict = 'ship'
                then 'Ship ' || variant || ': it beats ' || control_variant || '.'
            when verdict = 'stop' and is_worse and variant_count = 1
                then 'Stop: ' || variant || ' is worse than ' || control_variant || '.'
            when verdict = 'stop' and is_worse
                then 'Stop: every variant is worse than ' || control_variant || '.'
            when verdict = 'stop' and is_harmful
                then 'Stop: ' || variant
                || case
                    when is_better then ' beats ' || control_variant || ', but'
                    else ''
                end || ' harms ' || broken_metrics || '.'
            when verdict = 'stop'
                then 'Stop: an effect of the planned '
                || {{ shown_percentage('minimum_detectable_effect') }}
                || ' is ruled out.'
            when verdict = 'keep running' and p_value is null
                then 'Keep running: a quantile is tested when the experiment is over.'
            when verdict = 'keep running'
                then 'Keep running: nothing is decided yet'
                || coalesce(
                    ', with ' || {{ shown_percentage('reached_share') }}
                    || ' of the units that it takes to see the planned effect', ''
                ) || '.'
            when verdict = 'wait'
                then 'Wait: it is over, but what its last units do still counts.'
            when verdict = 'inconclusive'
                then 'Inconclusive: it is over, and '
                || case
                    when minimum_detectable_effect is null
                        then 'shows no difference beyond chance.'
                    else 'neither shows an effect nor rules out the planned one.'
                end
            when verdict = 'invalid' then 'Do not use: ' || health_reason || '.'
            when health_status = 'no data' then 'No data: ' || health_reason || '.'
            when status is null then 'No data: it is read by no metric.'
            else
                'No data: ' || variant || ' and ' || control_variant
                || ' cannot be compared in "' || metric_name || '" (' || status || ').'
        end as advice
    from judged
),

worded as (
    select
        advised.*,
        metric_name || ': ' || {{ shown_number('value', 'metric_kind') }}
        || ' with ' || variant || ', '
        || {{ shown_number('control_value', 'metric_kind') }} || ' with '
        || control_variant || '; '
        || coalesce(
            'relative change ' || {{ shown_percentage('relative_effect') }}
            || ', between ' || {{ shown_percentage('relative_effect_lower') }}
            || ' and ' || {{ shown_percentage('relative_effect_upper') }},
            'difference ' || {{ shown_number('effect', 'metric_kind') }}
            || ', between ' || {{ shown_number('effect_lower', 'metric_kind') }}
            || ' and ' || {{ shown_number('effect_upper', 'metric_kind') }}
        )
        || ' at ' || {{ shown_percentage('confidence_level') }} || ' confidence.'
            as finding,
        nullif(concat_ws(
            '; ',
            'harmed: ' || broken_metrics,
            'held: ' || held_metrics,
            'not proven harmless: ' || not_proven_metrics
        ), '') as guardrails
    from advised
),

experiment_readout as (
    select
        experiment_id,
        verdict,
        case when is_decidable then variant end as variant,
        concat_ws(
            ' ',
            advice,
            case when is_decidable then finding end,
            case when is_decidable then 'Guardrails: ' || guardrails || '.' end,
            case when is_decidable then 'Not to be shipped: ' || other_harms || '.' end,
            case
                when health_status = 'check'
                    then 'Check first: ' || health_reason || '.'
            end
        ) as readout,
        health_status,
        health_reason,
        is_running,
        primary_metric_id,
        case when is_decidable then method end as method,
        cast(analysed_unit_count as bigint) as unit_count,
        cast(case when started_at is not null then day_count end as bigint)
            as day_count,
        {%- for name in [
            'value', 'control_value', 'effect', 'effect_lower', 'effect_upper',
            'relative_effect', 'relative_effect_lower', 'relative_effect_upper',
            'p_value', 'information_share',
        ] %}
            case when is_decidable then {{ name }} end as {{ name }},
        {%- endfor %}
        {%- for name in ['effect', 'effect_lower', 'effect_upper'] %}
            case when is_decidable then {{ name }} * units_per_year end
                as annual_{{ name }},
        {%- endfor %}
        case when is_decidable then guardrails end as guardrails,
        started_at,
        ended_at
    from worded
)

select * from experiment_readout
