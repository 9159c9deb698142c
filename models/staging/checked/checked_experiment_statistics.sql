-- Which sums keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_experiment_statistics') }}
),

planned as (
    select
        experiment_id as planned_experiment_id,
        variant as planned_variant
    from {{ ref('stg_experiments') }}
),

-- A metric that the shop gave takes the place of the default one of its name.
declared as (
    select
        metric_id as declared_metric_id,
        metric_kind
    from {{ ref('stg_experiment_metrics') }}
    union all
    select
        metric_id as declared_metric_id,
        metric_kind
    from {{ ref('default_experiment_metrics') }}
    where
        metric_id not in (select metric_id from {{ ref('stg_experiment_metrics') }})
),

typed as (
    select
        {{ text_or_null('experiment_id') }} as experiment_id,
        {{ text_or_null('variant') }} as variant,
        {{ text_or_null('metric_id') }} as metric_id,
        cast({{ utc_timestamp('observed_date') }} as date) as observed_date,
        {{ whole_number('unit_count') }} as unit_count,
        {{ number_or_null('value_sum') }} as value_sum,
        {{ number_or_null('value_square_sum') }} as value_square_sum,
        {{ number_or_null('denominator_sum') }} as denominator_sum,
        {{ number_or_null('denominator_square_sum') }} as denominator_square_sum,
        {{ number_or_null('value_denominator_sum') }} as value_denominator_sum,
        {{ row_as_struct('given') }} as given_row
    from given
),

-- The squared sum of some numbers is at most their count times the sum of their squares
-- (Cauchy-Schwarz); the factor leaves room for sums that were rounded.
judged as (
    select
        typed.*,
        {{ rejections(dict({
            'experiment_id_missing': 'experiment_id is null',
            'variant_missing': 'variant is null',
            'variant_not_planned': 'variant is not null and planned_variant is null',
            'metric_id_missing': 'metric_id is null',
            'metric_not_declared':
                'metric_id is not null and declared_metric_id is null',
            'metric_is_a_quantile': "metric_kind = 'quantile'",
            'unit_count_not_a_whole_number': 'unit_count is null',
            'unit_count_negative': 'unit_count < 0',
            'unit_count_too_small':
                'value_sum * value_sum > 1.000001 * unit_count * value_square_sum'
                ~ ' or denominator_sum * denominator_sum'
                ~ ' > 1.000001 * unit_count * denominator_square_sum',
            'value_sum_not_a_number': 'value_sum is null',
            'value_sum_out_of_range': 'not value_sum between -1e100 and 1e100',
            'value_sum_not_a_count':
                "metric_kind in ('proportion', 'retention')"
                ~ ' and (value_sum < 0 or value_sum <> value_square_sum)',
            'value_square_sum_not_a_number': 'value_square_sum is null',
            'value_square_sum_out_of_range':
                'not value_square_sum between 0 and 1e100',
            'denominator_sums_missing':
                "metric_kind = 'ratio' and (denominator_sum is null"
                ~ ' or denominator_square_sum is null'
                ~ ' or value_denominator_sum is null)',
            'denominator_sum_not_a_number': not_read('denominator_sum'),
            'denominator_sum_out_of_range':
                'not denominator_sum between -1e100 and 1e100',
            'denominator_square_sum_not_a_number': not_read('denominator_square_sum'),
            'denominator_square_sum_out_of_range':
                'not denominator_square_sum between 0 and 1e100',
            'value_denominator_sum_not_a_number': not_read('value_denominator_sum'),
            'value_denominator_sum_out_of_range':
                'not value_denominator_sum between -1e100 and 1e100'
                ~ ' or value_denominator_sum * value_denominator_sum'
                ~ ' > 1.000001 * value_square_sum * denominator_square_sum',
        }, **timestamp_rules('observed_date'))) }} as rejection_reasons,
        {{ content([
            'experiment_id', 'variant', 'metric_id', 'observed_date', 'unit_count',
            'value_sum', 'value_square_sum', 'denominator_sum',
            'denominator_square_sum', 'value_denominator_sum'
        ]) }} as row_content
    from typed
    left join planned
        on
            typed.experiment_id = planned.planned_experiment_id
            and typed.variant = planned.planned_variant
    left join declared on typed.metric_id = declared.declared_metric_id
),

ranked as (
    select
        judged.*,
        {{ row_status(['experiment_id', 'variant', 'metric_id', 'observed_date']) }}
            as row_status
    from judged
),

checked_experiment_statistics as (
    select
        experiment_id,
        variant,
        metric_id,
        observed_date,
        unit_count,
        value_sum,
        value_square_sum,
        denominator_sum,
        denominator_square_sum,
        value_denominator_sum,
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

select * from checked_experiment_statistics
