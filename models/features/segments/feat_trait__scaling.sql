-- Which traits tell customers apart, and what is the average customer like by each?
with

trait_values as (
    select * from {{ ref('feat_customer_trait__values') }}
),

summed as (
    select
        trait,
        scale,
        cast(count(*) as bigint) as customer_count,
        cast(count(even_value) as bigint) as known_count,
        cast(sum(even_value) as double) as even_value_sum,
        cast(sum(even_value * even_value) as double) as even_value_squares
    from trait_values
    group by trait, scale
),

moments as (
    select
        summed.*,
        even_value_sum / nullif(known_count, 0) as mean,
        greatest(
            even_value_squares / nullif(known_count, 0)
            - power(even_value_sum / nullif(known_count, 0), 2),
            0
        ) as variance
    from summed
),

feat_trait__scaling as (
    select
        trait,
        scale,
        customer_count,
        known_count,
        mean,
        sqrt(variance) as deviation,
        -- As in factor analysis of mixed data, a rare level counts for more.
        sqrt(case when scale = 'indicator' then mean else variance end) as divisor,
        variance > 1e-12 as is_used,
        case
            when known_count = 0 then 'not known of anybody'
            when variance <= 1e-12 then 'the same of everybody'
        end as left_out_reason
    from moments
)

select * from feat_trait__scaling
