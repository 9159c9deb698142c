-- How many of the current version's test recommendations did each kept one make too?
with

recommendations as (
    select distinct version_id, customer_id, product_id
    from {{ ref('py_customer_recommendations_svd_history') }}
    where window_name = 'test' and recommendation_rank <= 10
),

versions as (
    select * from {{ ref('model_versions') }}
    where model_name = 'py_customer_recommendations_svd' and is_kept
),

today as (
    select recommendations.*
    from recommendations
    inner join versions
        on recommendations.version_id = versions.version_id and versions.is_current
)

select
    versions.version_id,
    versions.first_made_at,
    versions.is_current,
    versions.metric_value as ndcg_at_10,
    cast(count(recommendations.product_id) as double) / count(*) as overlap_share
from versions
cross join today
left join recommendations
    on
        versions.version_id = recommendations.version_id
        and today.customer_id = recommendations.customer_id
        and today.product_id = recommendations.product_id
group by
    versions.version_id,
    versions.first_made_at,
    versions.is_current,
    versions.metric_value
order by versions.first_made_at desc, versions.version_id
