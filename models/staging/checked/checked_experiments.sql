-- Which variants keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_experiments') }}
),

typed as (
    select
        {{ text_or_null('experiment_id') }} as experiment_id,
        {{ text_or_null('variant') }} as variant,
        try_cast(planned_weight as double) as planned_weight,
        try_cast(is_control as boolean) as is_control,
        coalesce(lower({{ text_or_null('unit') }}), 'customer') as unit,
        lower({{ text_or_null('trigger_event_type') }}) as trigger_event_type,
        {{ text_or_null('primary_metric_id') }} as primary_metric_id,
        {{ single_spaced('guardrail_metric_ids') }} as guardrail_metric_ids,
        {{ single_spaced('metric_ids') }} as metric_ids,
        {{ number_or_null('minimum_detectable_effect') }} as minimum_detectable_effect,
        coalesce(lower({{ text_or_null('allocation') }}), 'fixed') as allocation,
        {{ utc_timestamp('started_at') }} as started_at,
        {{ utc_timestamp('ended_at') }} as ended_at,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections(dict({
            'experiment_id_missing': 'experiment_id is null',
            'variant_missing': 'variant is null',
            'planned_weight_not_a_number': 'planned_weight is null',
            'planned_weight_out_of_range': 'not planned_weight between 0 and 1',
            'is_control_not_a_boolean': 'is_control is null',
            'unit_unknown': "unit not in ('customer', 'device')",
            'minimum_detectable_effect_not_a_number':
                not_read('minimum_detectable_effect'),
            'minimum_detectable_effect_out_of_range':
                'not (minimum_detectable_effect > 0'
                ~ ' and minimum_detectable_effect <= 100)',
            'allocation_unknown': "allocation not in ('fixed', 'bandit')",
            'ended_at_not_a_timestamp': not_read('ended_at'),
            'ended_at_before_started_at': 'ended_at < started_at',
        }, **timestamp_rules('started_at'))) }} as rejection_reasons,
        {{ content([
            'experiment_id', 'variant', 'planned_weight', 'is_control', 'unit',
            'trigger_event_type', 'primary_metric_id', 'guardrail_metric_ids',
            'metric_ids', 'minimum_detectable_effect', 'allocation', 'started_at',
            'ended_at'
        ]) }} as row_content
    from typed
),

ranked as (
    select
        judged.*,
        {{ row_status(['experiment_id', 'variant']) }} as row_status
    from judged
),

checked_experiments as (
    select
        experiment_id,
        variant,
        planned_weight,
        is_control,
        unit,
        trigger_event_type,
        primary_metric_id,
        guardrail_metric_ids,
        metric_ids,
        minimum_detectable_effect,
        allocation,
        started_at,
        ended_at,
        row_status,
        case
            when row_status = 'quarantined'
                then coalesce(rejection_reasons, 'same_key_other_content')
        end as rejection_reasons,
        case
            when row_status = 'quarantined'
                then {{ struct_as_json('given_row') }}
        end as given_row
    from ranked
)

select * from checked_experiments
