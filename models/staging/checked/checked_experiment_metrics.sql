-- Which metrics keep the contract, which repeat another, which break it, and why?
{% set kinds = "'proportion', 'retention', 'count', 'mean', 'ratio', 'quantile'" %}
{% set amounts = "'net_amount', 'gross_amount', 'quantity'" %}
{% set amounts_of = "('order', 'return')" %}
with

given as (
    select * from {{ ref('raw_experiment_metrics') }}
),

typed as (
    select
        {{ text_or_null('metric_id') }} as metric_id,
        {{ text_or_null('metric_name') }} as metric_name,
        lower({{ text_or_null('metric_kind') }}) as metric_kind,
        lower({{ text_or_null('outcome') }}) as outcome,
        lower({{ text_or_null('value_column') }}) as value_column,
        lower({{ text_or_null('denominator_outcome') }}) as denominator_outcome,
        lower({{ text_or_null('denominator_value_column') }})
            as denominator_value_column,
        {{ whole_number('window_start_days') }} as window_start_days,
        {{ whole_number('window_days') }} as window_days,
        {{ number_or_null('quantile_level') }} as quantile_level,
        {{ number_or_null('winsorise_quantile') }} as winsorise_quantile,
        lower({{ text_or_null('direction') }}) as direction,
        {{ number_or_null('margin') }} as margin,
        {{ whole_number('covariate_days') }} as covariate_days,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections({
            'metric_id_missing': 'metric_id is null',
            'metric_kind_unknown':
                "coalesce(metric_kind, '') not in (" ~ kinds ~ ')',
            'outcome_missing': 'outcome is null',
            'value_column_unknown':
                'case when outcome in ' ~ amounts_of
                ~ ' then value_column not in (' ~ amounts ~ ')'
                ~ " else value_column <> 'value' end",
            'denominator_outcome_missing':
                "metric_kind = 'ratio' and denominator_outcome is null",
            'denominator_value_column_unknown':
                'case when denominator_outcome in ' ~ amounts_of
                ~ ' then denominator_value_column not in (' ~ amounts ~ ')'
                ~ " else denominator_value_column <> 'value' end",
            'window_start_days_not_a_whole_number': not_read('window_start_days'),
            'window_start_days_negative': 'window_start_days < 0',
            'window_days_not_a_whole_number': 'window_days is null',
            'window_days_out_of_range': 'not window_days between 1 and 3650',
            'window_days_not_after_start': 'window_days <= window_start_days',
            'quantile_level_missing':
                "metric_kind = 'quantile' and "
                ~ text_or_null('typed.given_row.quantile_level') ~ ' is null',
            'quantile_level_not_a_number': not_read('quantile_level'),
            'quantile_level_out_of_range':
                'not (quantile_level > 0 and quantile_level < 1)',
            'winsorise_quantile_not_a_number': not_read('winsorise_quantile'),
            'winsorise_quantile_out_of_range':
                'not (winsorise_quantile > 0 and winsorise_quantile < 1)',
            'direction_unknown': "direction not in ('increase', 'decrease')",
            'margin_not_a_number': not_read('margin'),
            'margin_out_of_range': 'not (margin > 0 and margin < 1)',
            'covariate_days_not_a_whole_number': not_read('covariate_days'),
            'covariate_days_out_of_range': 'not covariate_days between 0 and 3650',
        }) }} as rejection_reasons,
        {{ content([
            'metric_id', 'metric_name', 'metric_kind', 'outcome', 'value_column',
            'denominator_outcome', 'denominator_value_column', 'window_start_days',
            'window_days', 'quantile_level', 'winsorise_quantile', 'direction',
            'margin', 'covariate_days'
        ]) }} as row_content
    from typed
),

ranked as (
    select
        judged.*,
        {{ row_status(['metric_id']) }} as row_status
    from judged
),

checked_experiment_metrics as (
    select
        metric_id,
        metric_name,
        metric_kind,
        outcome,
        value_column,
        denominator_outcome,
        denominator_value_column,
        window_start_days,
        window_days,
        quantile_level,
        winsorise_quantile,
        direction,
        margin,
        covariate_days,
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

select * from checked_experiment_metrics
