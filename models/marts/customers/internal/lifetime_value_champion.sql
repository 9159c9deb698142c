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
        gains.squared_error_gain_lower,
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

-- Better beyond doubt on one window and better again on another: of two models that are
-- no better than the baseline one passes in at most 2 * 2.5 % / 2 of the cases.
compared as (
    select
        baseline.baseline_method,
        validated.method as challenger_method,
        validated.squared_error_gain_lower as validation_gain_lower,
        tested.squared_error_gain as test_gain,
        challenger_revenue.root_mean_squared_error as challenger_revenue_error,
        baseline_revenue.root_mean_squared_error as baseline_revenue_error,
        coalesce(validated.squared_error_gain_lower > 0, false) as is_validated,
        coalesce(tested.squared_error_gain > 0, false) as is_better_again,
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

judged as (
    select
        compared.*,
        is_validated and is_better_again and is_no_worse_by_revenue as is_confirmed
    from compared
),

lifetime_value_champion as (
    select
        case when is_confirmed then challenger_method else baseline_method end
            as method,
        baseline_method,
        challenger_method,
        case
            when challenger_method is null
                then 'no model could be fitted and compared on held-out days'
            when not is_validated
                then challenger_method || ' was not better than ' || baseline_method
                || ' beyond doubt at orders on the validation window'
            when not is_better_again
                then challenger_method || ' was better than ' || baseline_method
                || ' at orders on the validation window, but not on the test window'
            when not is_no_worse_by_revenue
                then challenger_method || ' was better than ' || baseline_method
                || ' at orders, but worse at revenue on the test window'
            else
                challenger_method || ' was better than ' || baseline_method
                || ' at orders, beyond doubt on the validation window and again on the '
                || 'test window, and no worse at revenue'
        end as reason,
        validation_gain_lower,
        test_gain,
        challenger_revenue_error,
        baseline_revenue_error,
        is_confirmed
    from judged
)

select * from lifetime_value_champion
