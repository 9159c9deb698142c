-- How much better than each simple rule was each method, and how sure is that?
with

predictions as (
    select * from {{ ref('propensity_predictions') }}
),

-- A customer of several snapshots is one customer.
by_customer as (
    select
        predictions.snapshot_role,
        predictions.method,
        rules.method as baseline_method,
        predictions.customer_id,
        count(*) as row_count,
        sum(rules.log_loss - predictions.log_loss) as gain
    from predictions
    inner join predictions as rules
        on
            predictions.snapshot_date = rules.snapshot_date
            and predictions.customer_id = rules.customer_id
            and predictions.method <> rules.method
            and rules.method in ('base_rate', 'recency_rule')
    group by
        predictions.snapshot_role,
        predictions.method,
        rules.method,
        predictions.customer_id
),

averaged as (
    select
        by_customer.*,
        sum(gain) over compared / sum(row_count) over compared as mean_gain
    from by_customer
    window compared as (partition by snapshot_role, method, baseline_method)
),

summed as (
    select
        snapshot_role,
        method,
        baseline_method,
        sum(row_count) as prediction_count,
        count(*) as customer_count,
        max(mean_gain) as mean_gain,
        sum(power(gain - mean_gain * row_count, 2)) as squares
    from averaged
    group by snapshot_role, method, baseline_method
),

-- The bound holds for seven models together: z of 2.5 % / 7.
propensity_gains as (
    select
        snapshot_role,
        method,
        baseline_method,
        cast(prediction_count as bigint) as prediction_count,
        round(mean_gain, 9) as log_loss_gain,
        case
            when customer_count > 1
                then round(
                    mean_gain - 2.690110 * sqrt(
                        squares * customer_count / (customer_count - 1)
                    ) / prediction_count,
                    9
                )
        end as log_loss_gain_lower
    from summed
)

select * from propensity_gains
