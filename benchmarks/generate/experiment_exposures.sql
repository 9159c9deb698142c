-- Who met which variant, and when?
with

experiments as (
    select * from (values
        ('checkout', 0, date '2024-02-01'),
        ('search', 1, date '2024-05-01'),
        ('banner', 2, date '2024-09-01')
    ) as experiments(experiment_id, experiment, start_date)
),

-- Three customers in ten meet an experiment; one exposure in twenty is a second one.
met as (
    select
        experiment_id,
        start_date,
        range + experiment * 500000000 as exposure,
        (range - case when range % 20 = 19 then 1 else 0 end) as unit,
        customer_number(unit * 3 + experiment) as customer,
        uniform(customer, 50 + experiment) as draw
    from range(getvariable('customer_count') * 3 // 10)
    cross join experiments
)

select
    experiment_id,
    case experiment_id
        when 'checkout' then case when draw < 0.5 then 'control' else 'one-page' end
        when 'search' then case
            when draw < 0.34 then 'control'
            when draw < 0.67 then 'semantic'
            else 'hybrid'
        end
        -- one unit in a thousand is told both variants when it comes again
        else case
            when draw < 0.8 and not (draw < 0.02 and unit % 20 = 18 and exposure % 2 = 1)
                then 'control'
            else 'large'
        end
    end as variant,
    start_date + to_seconds((uniform(exposure, 54) * 42 * 86400)::bigint) as exposed_at,
    case when draw * 1000 % 1 < 0.7 then customer_name(customer) end as customer_id,
    case
        when draw * 1000 % 1 >= 0.6 then device_name(customer, uniform(exposure, 55))
    end as anonymous_id
from met
