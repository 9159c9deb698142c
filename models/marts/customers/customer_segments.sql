-- Which segment does each customer belong to?
with

customers as (
    select * from {{ ref('feat_customer__rfm_scaled') }}
),

centres as (
    select * from {{ ref('py_segments_kmeans') }} where is_selected
),

archetypes as (
    select * from {{ ref('segment_archetypes') }}
),

distances as (
    select
        customers.customer_id,
        centres.segment_id,
        centres.version_id,
        sqrt(
            power(customers.recency_z - centres.recency_z, 2)
            + power(customers.frequency_z - centres.frequency_z, 2)
            + power(customers.monetary_z - centres.monetary_z, 2)
        ) as distance
    from customers
    cross join centres
),

ranked as (
    select
        distances.*,
        row_number() over (
            partition by customer_id order by round(distance, 9), segment_id
        ) as segment_rank
    from distances
),

customer_segments as (
    select
        ranked.customer_id,
        ranked.segment_id,
        archetypes.segment_name,
        round(ranked.distance, 6) as centre_distance,
        ranked.version_id
    from ranked
    inner join archetypes on ranked.segment_id = archetypes.segment_id
    where ranked.segment_rank = 1
)

select * from customer_segments
