-- Which list of what is popular was the best in the validation window?
with

customer_metrics as (
    select * from {{ ref('recommendation_customer_metrics') }}
    where
        window_name = 'validation'
        and product_slice = 'all'
        and cutoff = 10
        and model_name like 'popularity%'
),

summed as (
    select
        model_name,
        sum(cast(ndcg_at_k as decimal(18, 9))) as ndcg_sum
    from customer_metrics
    group by model_name
),

ranked as (
    select
        model_name,
        row_number() over (
            order by ndcg_sum desc, length(model_name), model_name
        ) as place
    from summed
),

recommendation_baseline as (
    -- an aggregate has its one row also where nobody bought anything
    select coalesce(max(model_name), 'popularity') as model_name
    from ranked
    where place = 1
)

select * from recommendation_baseline
