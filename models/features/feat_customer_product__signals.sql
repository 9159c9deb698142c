-- On which days did each customer show interest in each product, and how?
with

order_lines as (
    select * from {{ ref('order_lines') }}
    where
        customer_id is not null
        and product_kind = 'product'
        and not is_cancellation
),

-- A tracker may name an event so too, but only order lines are orders.
events as (
    select * from {{ ref('events') }}
    where product_id is not null and event_type <> 'order'
),

products as (
    select * from {{ ref('products') }}
    where product_kind = 'product'
),

weights as (
    select * from {{ ref('interaction_weights') }}
),

interactions as (
    select
        customer_id,
        product_id,
        'order' as interaction_type,
        order_date as interaction_date
    from order_lines
    union all
    select
        events.customer_id,
        events.product_id,
        events.event_type as interaction_type,
        cast(events.occurred_at as date) as interaction_date
    from events
    inner join products on events.product_id = products.product_id
),

-- A page opened twenty times a day is one sign of interest, not twenty.
feat_customer_product__signals as (
    select
        interactions.customer_id,
        interactions.product_id,
        interactions.interaction_type,
        interactions.interaction_date,
        cast(max(weights.weight) as decimal(9, 4)) as weight
    from interactions
    inner join weights
        on interactions.interaction_type = weights.interaction_type
    where weights.weight > 0
    group by
        interactions.customer_id,
        interactions.product_id,
        interactions.interaction_type,
        interactions.interaction_date
)

select * from feat_customer_product__signals
