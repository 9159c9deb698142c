-- Do as many customers buy as each method says?
with

predictions as (
    select * from {{ ref('propensity_predictions') }}
),

binned as (
    select
        predictions.*,
        cast(least(floor(purchase_probability * 10), 9) + 1 as bigint)
            as probability_bin,
        cast(case when has_purchased then 1 else 0 end as double) as purchase
    from predictions
),

-- Means of what is rounded often lie halfway between two: they are of exact sums.
grouped as (
    select
        snapshot_date,
        method,
        snapshot_role,
        probability_bin,
        cast(count(*) as double) as customer_count,
        cast(sum(cast(purchase_probability as decimal(38, 12))) as double)
        / count(*) as mean_probability,
        avg(purchase) as purchase_rate
    from binned
    group by snapshot_date, method, snapshot_role, probability_bin
),

-- Wilson's bounds, with z = 1.959964 and its square.
bounded as (
    select
        grouped.*,
        (customer_count * purchase_rate + 1.920729) / (customer_count + 3.841459)
            as centre,
        1.959964 / (customer_count + 3.841459) * sqrt(
            customer_count * purchase_rate * (1 - purchase_rate) + 0.960365
        ) as half_width
    from grouped
),

propensity_calibration as (
    select
        snapshot_date,
        method,
        probability_bin,
        snapshot_role,
        cast(customer_count as bigint) as customer_count,
        round(mean_probability, 12) as mean_probability,
        round(purchase_rate, 12) as purchase_rate,
        round(greatest(0, centre - half_width), 9) as purchase_rate_lower,
        round(least(1, centre + half_width), 9) as purchase_rate_upper
    from bounded
)

select * from propensity_calibration
