-- What distinguishes each segment from all others?
with

memberships as (
    select * from {{ ref('customer_clusterings') }}
),

trait_values as (
    select * from {{ ref('feat_customer_trait__values') }}
),

scaled as (
    select * from {{ ref('feat_customer_trait__scaled') }}
),

-- Decimal, so that means do not depend on the order of the rows.
measured as (
    select
        scaled.customer_id,
        scaled.trait,
        cast(scaled.value as decimal(18, 6)) as scaled_value,
        cast(trait_values.value as decimal(18, 6)) as value
    from scaled
    inner join trait_values
        on
            scaled.customer_id = trait_values.customer_id
            and scaled.trait = trait_values.trait
),

summed as (
    select
        memberships.method,
        memberships.segment_id,
        memberships.version_id,
        measured.trait,
        count(*) as customer_count,
        sum(measured.scaled_value) as scaled_sum,
        count(measured.value) as known_count,
        sum(measured.value) as value_sum
    from memberships
    inner join measured on memberships.customer_id = measured.customer_id
    group by
        memberships.method,
        memberships.segment_id,
        memberships.version_id,
        measured.trait
),

beside_the_rest as (
    select
        summed.*,
        (sum(customer_count) over of_trait) - customer_count as rest_count,
        (sum(scaled_sum) over of_trait) - scaled_sum as rest_scaled_sum,
        (sum(known_count) over of_trait) - known_count as rest_known_count,
        coalesce(sum(value_sum) over of_trait, 0)
        - coalesce(value_sum, 0) as rest_value_sum
    from summed
    window of_trait as (partition by method, trait)
),

compared as (
    select
        method,
        segment_id,
        trait,
        cast(value_sum as double) / nullif(known_count, 0) as segment_mean,
        cast(rest_value_sum as double) / nullif(rest_known_count, 0) as rest_mean,
        round(
            cast(scaled_sum as double) / customer_count
            - cast(rest_scaled_sum as double) / nullif(rest_count, 0),
            6
        ) as difference,
        version_id
    from beside_the_rest
),

segment_traits as (
    select
        method,
        segment_id,
        trait,
        round(segment_mean, 6) as segment_mean,
        round(rest_mean, 6) as rest_mean,
        difference,
        cast(
            row_number() over (
                partition by method, segment_id
                order by abs(coalesce(difference, 0)) desc, trait
            ) as bigint
        ) as trait_rank,
        version_id
    from compared
)

select * from segment_traits
