-- Into how many segments does each method divide customers, and how well?
with

by_traits as (
    select distinct
        method,
        'traits' as features,
        segment_count,
        algorithm,
        sample_count,
        radius,
        noise_share,
        inertia,
        silhouette_score,
        davies_bouldin_score,
        calinski_harabasz_score,
        stability_score,
        is_selected,
        version_id
    from {{ ref('py_trait_segments') }}
),

by_rfm as (
    select
        'rfm_kmeans' as method,
        'rfm' as features,
        cast(segment_count as bigint) as segment_count,
        algorithm,
        cast(sum(customer_count) as bigint) as sample_count,
        cast(null as double) as radius,
        cast(0 as double) as noise_share,
        inertia,
        silhouette_score,
        davies_bouldin_score,
        calinski_harabasz_score,
        stability_score,
        is_selected,
        version_id
    from {{ ref('py_segments_kmeans') }}
    group by
        segment_count,
        algorithm,
        inertia,
        silhouette_score,
        davies_bouldin_score,
        calinski_harabasz_score,
        stability_score,
        is_selected,
        version_id
),

segment_solutions as (
    select * from by_traits
    union all
    select * from by_rfm
)

select * from segment_solutions
