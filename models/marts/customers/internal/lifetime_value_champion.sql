-- Which method's lifetime values are served, and why?
with

gains as (
    select * from {{ ref('lifetime_value_gains') }}
),

error_means as (
    select * from {{ ref('lifetime_value_error_means') }}
    where window_name = 'test' and target = 'revenue'
),

fitted as (
    {% for name in lifetime_value_methods() -%}
        select distinct '{{ name }}' as method
        from {{ ref('py_customer_lifetime_value_' ~ name) }}
        where
            window_name = 'serving'
            and orders_status = 'ok'
            and revenue_status = 'ok'
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

baseline as (
    select coalesce(max(baseline_method), 'cohort_mean') as baseline_method from gains
),

-- By the lower bound: a small gain that is sure goes before a large one that is not.
validated as (
    select
        gains.method,
        row_number() over (
            order by gains.squared_error_gain_lower desc, gains.method
        ) as place
    from gains
    inner join fitted on gains.method = fitted.method
    where
        gains.window_name = 'validation'
        and gains.target = 'orders'
        and gains.squared_error_gain_lower is not null
),

-- One model is put to the test, so that none is served for having been lucky once.
compared as (
    select
        baseline.baseline_method,
        validated.method as challenger_method,
        tested.squared_error_gain,
        tested.squared_error_gain_lower,
        challenger_revenue.root_mean_squared_error as challenger_revenue_error,
        baseline_revenue.root_mean_squared_error as baseline_revenue_error,
        coalesce(tested.squared_error_gain_lower > 0, false) as is_better_by_orders,
        coalesce(
            challenger_revenue.root_mean_squared_error
            <= baseline_revenue.root_mean_squared_error,
            false
        ) as is_no_worse_by_revenue
    from baseline
    left join validated on validated.place = 1
    left join gains as tested
        on
            validated.method = tested.method
            and tested.window_name = 'test'
            and tested.target = 'orders'
    left join error_means as challenger_revenue
        on validated.method = challenger_revenue.method
    left join error_means as baseline_revenue
        on baseline.baseline_method = baseline_revenue.method
),

lifetime_value_champion as (
    select
        case
            when is_better_by_orders and is_no_worse_by_revenue then challenger_method
            else baseline_method
        end as method,
        baseline_method,
        challenger_method,
        case
            when challenger_method is null
                then 'no model could be fitted and compared on held-out days'
            when not is_better_by_orders
                then challenger_method || ' was not better than ' || baseline_method
                || ' beyond doubt at orders in the test window'
            when not is_no_worse_by_revenue
                then challenger_method || ' was better than ' || baseline_method
                || ' at orders in the test window, but worse at revenue'
            else
                challenger_method || ' was better than ' || baseline_method
                || ' beyond doubt at orders in the test window, and no worse at revenue'
        end as reason,
        squared_error_gain,
        squared_error_gain_lower,
        challenger_revenue_error,
        baseline_revenue_error,
        is_better_by_orders and is_no_worse_by_revenue as is_confirmed
    from compared
)

select * from lifetime_value_champion
