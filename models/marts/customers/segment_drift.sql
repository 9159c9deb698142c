-- How have the segments changed from one version to the next?
with

centres as (
    select * from {{ ref('py_segments_kmeans_history') }} where is_selected
),

archetypes as (
    select * from {{ ref('segment_archetypes') }}
),

versions as (
    select
        version_id,
        max(fitted_at) as fitted_at,
        sum(customer_count) as all_count
    from centres
    group by version_id
),

consecutive as (
    select
        version_id,
        fitted_at,
        lag(version_id) over (order by fitted_at, version_id) as previous_version_id
    from versions
),

shares as (
    select
        centres.version_id,
        centres.segment_id,
        centres.customer_count,
        cast(centres.customer_count as double) / versions.all_count as customer_share,
        centres.recency_z,
        centres.frequency_z,
        centres.monetary_z
    from centres
    inner join versions on centres.version_id = versions.version_id
),

-- A segment that is gone has a row too: it has lost all its customers.
either as (
    select
        consecutive.version_id,
        consecutive.previous_version_id,
        consecutive.fitted_at,
        shares.segment_id
    from consecutive
    inner join shares
        on
            consecutive.version_id = shares.version_id
            or consecutive.previous_version_id = shares.version_id
    group by
        consecutive.version_id,
        consecutive.previous_version_id,
        consecutive.fitted_at,
        shares.segment_id
),

compared as (
    select
        either.version_id,
        either.previous_version_id,
        either.fitted_at,
        either.segment_id,
        coalesce(new.customer_count, 0) as customer_count,
        coalesce(new.customer_share, 0) as customer_share,
        case
            when either.previous_version_id is not null
                then coalesce(old.customer_share, 0)
        end as previous_share,
        sqrt(
            power(new.recency_z - old.recency_z, 2)
            + power(new.frequency_z - old.frequency_z, 2)
            + power(new.monetary_z - old.monetary_z, 2)
        ) as centre_shift
    from either
    left join shares as new
        on either.version_id = new.version_id and either.segment_id = new.segment_id
    left join shares as old
        on
            either.previous_version_id = old.version_id
            and either.segment_id = old.segment_id
),

-- A share of 0 would make the index infinite.
moved as (
    select
        compared.*,
        (greatest(customer_share, 0.0001) - greatest(previous_share, 0.0001))
        * ln(greatest(customer_share, 0.0001) / greatest(previous_share, 0.0001))
            as stability_term
    from compared
    where previous_share is not null
),

segment_drift as (
    select
        compared.version_id,
        compared.previous_version_id,
        compared.segment_id,
        archetypes.segment_name,
        cast(compared.customer_count as bigint) as customer_count,
        compared.customer_share,
        compared.previous_share,
        compared.customer_share - compared.previous_share as share_change,
        round(compared.centre_shift, 6) as centre_shift,
        round(
            sum(moved.stability_term) over (partition by compared.version_id), 6
        ) as population_stability_index,
        compared.fitted_at
    from compared
    left join moved
        on
            compared.version_id = moved.version_id
            and compared.segment_id = moved.segment_id
    left join archetypes on compared.segment_id = archetypes.segment_id
)

select * from segment_drift
