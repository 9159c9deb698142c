-- Which segment does each customer belong to by each method?
with

positions as (
    select * from {{ ref('customer_positions') }}
),

rfm_segments as (
    select * from {{ ref('customer_segments') }}
),

selected as (
    select * from {{ ref('py_trait_segments') }} where is_selected
),

methods as (
    select distinct
        method,
        version_id
    from selected
),

-- A centre reaches everybody.
representatives as (
    select
        selected.*,
        coalesce(reach, 1e9) as known_reach
    from selected
    where component_1 is not null
),

-- Who is out of reach on one component is out of reach.
distances as (
    select
        positions.customer_id,
        representatives.method,
        representatives.segment_id,
        representatives.point_index,
        representatives.known_reach,
        round(
            sqrt(
                {% for number in range(1, 7) -%}
                    power(
                        positions.component_{{ number }}
                        - representatives.component_{{ number }},
                        2
                    ){{ ' +' if not loop.last }}
                {% endfor %}
            ),
            9
        ) as distance
    from positions
    inner join representatives
        on
            positions.component_1
            >= representatives.component_1 - representatives.known_reach
            and positions.component_1
            <= representatives.component_1 + representatives.known_reach
),

-- Of the equally near, the first: one number orders by distance, then by place.
nearest as (
    select
        customer_id,
        method,
        min_by(
            segment_id,
            cast(round(distance * 1e9) as bigint) * 1000000 + point_index
        ) as segment_id,
        min(distance) as distance
    from distances
    where distance <= known_reach
    group by customer_id, method
),

customer_clusterings as (
    select
        positions.customer_id,
        methods.method,
        coalesce(nearest.segment_id, 'noise') as segment_id,
        round(nearest.distance, 6) as distance,
        methods.version_id
    from positions
    cross join methods
    left join nearest
        on
            positions.customer_id = nearest.customer_id
            and methods.method = nearest.method
    union all
    select
        customer_id,
        'rfm_kmeans' as method,
        segment_id,
        centre_distance as distance,
        version_id
    from rfm_segments
)

select * from customer_clusterings
