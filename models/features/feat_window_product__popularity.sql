-- Which products are the most wanted, as far as a window may look, by which measure?
with

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

customer_index as (
    select * from {{ ref('feat_customer__index') }}
),

customers as (
    select * from {{ ref('customers') }}
),

wanted as (
    select
        interactions.window_name,
        interactions.product_index,
        cast(interactions.weight as decimal(18, 6)) as weight,
        interactions.last_interaction_date
        >= windows.train_until - interval '{{ var("popularity_days") }}' day
            as is_recent,
        coalesce(customers.country, 'unknown') as country
    from interactions
    inner join windows on interactions.window_name = windows.window_name
    inner join customer_index
        on interactions.customer_index = customer_index.customer_index
    inner join customers on customer_index.customer_id = customers.customer_id
),

-- Exact sums of decimals: the same whatever the order of the rows.
measured as (
    select
        window_name,
        'popularity' as model_name,
        'everybody' as audience,
        product_index,
        cast(count(*) as decimal(38, 6)) as popularity
    from wanted
    group by window_name, product_index
    union all
    select
        window_name,
        'popularity_recent' as model_name,
        'everybody' as audience,
        product_index,
        cast(count(*) as decimal(38, 6)) as popularity
    from wanted
    where is_recent
    group by window_name, product_index
    union all
    select
        window_name,
        'popularity_decayed' as model_name,
        'everybody' as audience,
        product_index,
        cast(sum(weight) as decimal(38, 6)) as popularity
    from wanted
    group by window_name, product_index
    union all
    select
        window_name,
        'popularity_country' as model_name,
        country as audience,
        product_index,
        cast(sum(weight) as decimal(38, 6)) as popularity
    from wanted
    group by window_name, country, product_index
),

feat_window_product__popularity as (
    select
        window_name,
        model_name,
        audience,
        product_index,
        cast(popularity as double) as popularity_score,
        cast(row_number() over (
            partition by window_name, model_name, audience
            order by popularity desc, product_index
        ) as bigint) as popularity_rank
    from measured
)

select * from feat_window_product__popularity
