-- Who met which variant, and when?
with

-- One exposure in twenty is a second one of the same customer.
met as (
    select
        number as exposure,
        number // getvariable('exposures_each') as experiment,
        number % getvariable('exposures_each') as place
    from numbers
    where number < getvariable('experiment_count') * getvariable('exposures_each')
),

-- Experiments step through the customers at different paces. A prime that does not
-- divide their number meets nobody twice.
drawn as (
    select
        exposure,
        experiment,
        (
            experiment * 7 + (place - (place % 20 = 19)::int)
            * [7919, 104729, 1299709, 15485863, 32452843, 49979687, 67867967, 86028121][
                1 + experiment % 8
            ]
        ) % getvariable('customer_count') as customer
    from met
)

select
    experiment_name(experiment) as experiment_id,
    case when experiment % 5 = 4 then ['a', 'b', 'c'] else ['a', 'b'] end[
        1 + floor(
            uniform(customer, 1000 + experiment)
            * case when experiment % 5 = 4 then 3 else 2 end
        )::int
    ] as variant,
    experiment_start(experiment) + to_seconds(
        (uniform(exposure % 4294967291, 71) * 28 * 86400)::bigint
    ) as exposed_at,
    customer_name(customer) as customer_id
from drawn
