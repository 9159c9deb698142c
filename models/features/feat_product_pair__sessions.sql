-- How often are two products looked at in one visit?
with

events as (
    select * from {{ ref('events') }}
    where product_id is not null
),

products as (
    select * from {{ ref('feat_product__index') }}
),

viewed as (
    select distinct
        events.session_id,
        products.product_index
    from events
    inner join products on events.product_id = products.product_id
),

-- Visits of very many products are robots, and cost the square of their number.
short_sessions as (
    select session_id
    from viewed
    group by session_id
    having count(*) <= {{ var('max_session_products') }}
),

counted as (
    select viewed.*
    from viewed
    inner join short_sessions on viewed.session_id = short_sessions.session_id
),

product_counts as (
    select
        product_index,
        count(*) as session_count
    from counted
    group by product_index
),

-- One visit proves nothing, and most pairs come in one.
pairs as (
    select
        counted.product_index,
        others.product_index as other_product_index,
        count(*) as session_count
    from counted
    inner join counted as others
        on
            counted.session_id = others.session_id
            and counted.product_index < others.product_index
    group by counted.product_index, others.product_index
    having count(*) > 1
),

both_ways as (
    select
        product_index,
        other_product_index,
        session_count
    from pairs
    union all
    select
        other_product_index as product_index,
        product_index as other_product_index,
        session_count
    from pairs
),

feat_product_pair__sessions as (
    select
        both_ways.product_index,
        both_ways.other_product_index,
        cast(both_ways.session_count as bigint) as session_count,
        cast(product_counts.session_count as bigint) as product_session_count,
        cast(other_counts.session_count as bigint) as other_session_count
    from both_ways
    inner join product_counts
        on both_ways.product_index = product_counts.product_index
    inner join product_counts as other_counts
        on both_ways.other_product_index = other_counts.product_index
)

select * from feat_product_pair__sessions
