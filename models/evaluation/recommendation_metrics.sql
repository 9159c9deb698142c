-- How good is each recommender on time that it has not seen, and against popularity?
with

customer_metrics as (
    select * from {{ ref('recommendation_customer_metrics') }}
),

chosen_baseline as (
    select * from {{ ref('recommendation_baseline') }}
),

known_customers as (
    select
        window_name,
        count(distinct customer_index) as customer_count
    from {{ ref('feat_customer_product__interactions') }}
    group by window_name
),

measured as (
    {% for metric in ['precision', 'recall', 'ndcg'] -%}
        select
            model_name,
            window_name,
            '{{ metric }}' as metric_name,
            cutoff,
            customer_index,
            cast({{ metric }}_at_k as decimal(18, 9)) as measured
        from customer_metrics
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

baseline as (
    select measured.*
    from measured
    inner join chosen_baseline
        on measured.model_name = chosen_baseline.model_name
),

paired as (
    select
        measured.model_name,
        measured.window_name,
        measured.metric_name,
        measured.cutoff,
        measured.measured,
        measured.measured - baseline.measured as gain
    from measured
    inner join baseline
        on
            measured.window_name = baseline.window_name
            and measured.metric_name = baseline.metric_name
            and measured.cutoff = baseline.cutoff
            and measured.customer_index = baseline.customer_index
),

-- Exact sums of decimals: the same whatever the order of the rows.
moments as (
    select
        model_name,
        window_name,
        metric_name,
        cutoff,
        cast(count(*) as double) as customer_count,
        cast(sum(measured) as double) / count(*) as mean_value,
        cast(sum(measured * measured) as double) / count(*) as mean_square,
        cast(sum(gain) as double) / count(*) as mean_gain,
        cast(sum(gain * gain) as double) / count(*) as mean_gain_square
    from paired
    group by model_name, window_name, metric_name, cutoff
),

errors as (
    select
        moments.*,
        sqrt(
            greatest(mean_square - power(mean_value, 2), 0)
            / nullif(customer_count - 1, 0)
        ) as standard_error,
        sqrt(
            greatest(mean_gain_square - power(mean_gain, 2), 0)
            / nullif(customer_count - 1, 0)
        ) as gain_standard_error
    from moments
),

recommendation_metrics as (
    select
        errors.model_name,
        errors.window_name,
        errors.metric_name,
        errors.cutoff,
        cast(errors.customer_count as bigint) as customer_count,
        cast(known_customers.customer_count - errors.customer_count as bigint)
            as unscored_customer_count,
        round(mean_value, 9) as metric_value,
        round(mean_value - 1.959964 * standard_error, 9) as metric_lower,
        round(mean_value + 1.959964 * standard_error, 9) as metric_upper,
        round(mean_gain, 9) as popularity_difference,
        round(mean_gain - 1.959964 * gain_standard_error, 9)
            as popularity_difference_lower,
        round(mean_gain + 1.959964 * gain_standard_error, 9)
            as popularity_difference_upper,
        case metric_name
            when 'precision' then 'relevant products among the first k, over k'
            when 'recall' then 'relevant products among the first k, over all relevant'
            else
                'sum of 1/log2(rank + 1) over hits, over that of an ideal list of '
                || 'min(k, relevant) products'
        end as definition
    from errors
    inner join known_customers
        on errors.window_name = known_customers.window_name
)

select * from recommendation_metrics
