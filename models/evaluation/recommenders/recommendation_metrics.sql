-- How good is each recommender on time that it has not seen, and against popularity?
with

metric_sums as (
    select * from {{ ref('recommendation_metric_sums') }}
),

definitions as (
    select * from {{ ref('recommendation_metric_definitions') }}
),

sliced as (
    select
        metric_sums.*,
        product_slice as slice_name
    from metric_sums
    union all
    select
        metric_sums.*,
        customer_slice as slice_name
    from metric_sums
    where product_slice = 'all'
),

moments as (
    select
        model_name,
        window_name,
        slice_name,
        metric_name,
        cutoff,
        cast(sum(customer_count) as double) as n,
        cast(sum(value_sum) as double) / sum(customer_count) as mean_value,
        cast(sum(square_sum) as double) / sum(customer_count) as mean_square,
        cast(sum(gain_sum) as double) / sum(customer_count) as mean_gain,
        cast(sum(gain_square_sum) as double) / sum(customer_count)
            as mean_gain_square
    from sliced
    group by model_name, window_name, slice_name, metric_name, cutoff
),

-- Standard errors of the mean: s / sqrt(n), s with n - 1.
errors as (
    select
        moments.*,
        sqrt(greatest(mean_square - power(mean_value, 2), 0) / nullif(n - 1, 0))
            as value_error,
        sqrt(greatest(mean_gain_square - power(mean_gain, 2), 0) / nullif(n - 1, 0))
            as gain_error
    from moments
),

recommendation_metrics as (
    select
        errors.model_name,
        errors.window_name,
        errors.slice_name,
        errors.metric_name,
        errors.cutoff,
        definitions.definition_id,
        cast(errors.n as bigint) as customer_count,
        round(errors.mean_value, 9) as metric_value,
        round(errors.mean_value - 1.959964 * errors.value_error, 9) as metric_lower,
        round(errors.mean_value + 1.959964 * errors.value_error, 9) as metric_upper,
        round(errors.mean_gain, 9) as popularity_difference,
        round(errors.mean_gain - 1.959964 * errors.gain_error, 9)
            as popularity_difference_lower,
        round(errors.mean_gain + 1.959964 * errors.gain_error, 9)
            as popularity_difference_upper
    from errors
    inner join definitions on errors.metric_name = definitions.metric_name
)

select * from recommendation_metrics
