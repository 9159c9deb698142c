-- What do the metrics of all judges, and their gains over popularity, add up to?
{% set columns = {
    'precision': 'precision_at_k',
    'recall': 'recall_at_k',
    'f1': 'f1_at_k',
    'ndcg': 'ndcg_at_k',
    'map': 'average_precision_at_k',
    'mrr': 'reciprocal_rank_at_k',
    'hit_rate': 'hit_at_k',
} %}
with

customer_metrics as (
    select * from {{ ref('recommendation_customer_metrics') }}
),

chosen_baseline as (
    select * from {{ ref('recommendation_baseline') }}
),

measured as (
    select
        model_name,
        window_name,
        product_slice,
        customer_slice,
        cutoff,
        {% for metric, column in columns.items() -%}
            cast({{ column }} as decimal(10, 9)) as {{ metric }},
        {% endfor -%}
        customer_index
    from customer_metrics
),

baseline as (
    select measured.*
    from measured
    inner join chosen_baseline on measured.model_name = chosen_baseline.model_name
),

paired as (
    select
        {% for metric in columns -%}
            measured.{{ metric }} - baseline.{{ metric }} as {{ metric }}_gain,
        {% endfor -%}
        measured.*
    from measured
    inner join baseline
        on
            measured.window_name = baseline.window_name
            and measured.product_slice = baseline.product_slice
            and measured.cutoff = baseline.cutoff
            and measured.customer_index = baseline.customer_index
),

-- Exact sums of decimals: the same whatever the order of the rows.
summed as (
    select
        model_name,
        window_name,
        product_slice,
        customer_slice,
        cutoff,
        {% for metric in columns -%}
            sum({{ metric }}) as {{ metric }}_sum,
            sum({{ metric }} * {{ metric }}) as {{ metric }}_square_sum,
            sum({{ metric }}_gain) as {{ metric }}_gain_sum,
            sum({{ metric }}_gain * {{ metric }}_gain) as {{ metric }}_gain_square_sum,
        {% endfor -%}
        count(*) as customer_count
    from paired
    group by model_name, window_name, product_slice, customer_slice, cutoff
),

recommendation_metric_sums as (
    {% for metric in columns -%}
        select
            model_name,
            window_name,
            product_slice,
            customer_slice,
            '{{ metric }}' as metric_name,
            cutoff,
            cast(customer_count as bigint) as customer_count,
            cast({{ metric }}_sum as decimal(38, 18)) as value_sum,
            cast({{ metric }}_square_sum as decimal(38, 18)) as square_sum,
            cast({{ metric }}_gain_sum as decimal(38, 18)) as gain_sum,
            cast({{ metric }}_gain_square_sum as decimal(38, 18)) as gain_square_sum
        from summed
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from recommendation_metric_sums
