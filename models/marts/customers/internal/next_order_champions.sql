-- Which method's next order dates and amounts are served?
with

error_means as (
    select * from {{ ref('next_order_error_means') }}
),

fitted as (
    select distinct
        target,
        method
    from {{ ref('next_order_predictions') }}
    where window_name = 'serving'
),

targets as (
    select 'days' as target
    union all
    select 'amount' as target
),

-- What is no better than the customer's own averages, twice, is not served.
compared as (
    select
        validated.target,
        validated.method,
        row_number() over (
            partition by validated.target
            order by validated.mean_absolute_error, validated.method
        ) as place,
        validated.mean_absolute_error < validated_averages.mean_absolute_error
        and tested.mean_absolute_error < tested_averages.mean_absolute_error
            as is_confirmed
    from error_means as validated
    inner join fitted
        on
            validated.target = fitted.target
            and validated.method = fitted.method
    inner join error_means as tested
        on
            tested.window_name = 'test'
            and validated.target = tested.target
            and validated.method = tested.method
    inner join error_means as validated_averages
        on
            validated_averages.window_name = 'validation'
            and validated_averages.method = 'averages'
            and validated.target = validated_averages.target
    inner join error_means as tested_averages
        on
            tested_averages.window_name = 'test'
            and tested_averages.method = 'averages'
            and validated.target = tested_averages.target
    where validated.window_name = 'validation' and validated.method <> 'averages'
),

next_order_champions as (
    select
        targets.target,
        coalesce(compared.method, 'averages') as method
    from targets
    left join compared
        on
            targets.target = compared.target
            and compared.place = 1
            and compared.is_confirmed
)

select * from next_order_champions
