-- What do all tables share?
create macro experiment_name(number) as 'E' || (10000 + number);
create macro first_date() as date '2024-01-01';
create macro experiment_start(number) as
    first_date()::timestamp + to_days(21 + (number % 8)::int);

-- Twenty metrics of the 14 days after the exposure; the 21 days before are covariates.
create temp table metrics as
select
    metric_id,
    metric_kind,
    outcome,
    value_column,
    denominator_outcome,
    denominator_value_column,
    0 as window_start_days,
    case when metric_id like '%_7d' then 7 else 14 end as window_days,
    winsorise_quantile::double as winsorise_quantile,
    21 as covariate_days
from (values
    ('view_7d', 'proportion', 'view', null, null, null, null),
    ('view_14d', 'proportion', 'view', null, null, null, null),
    ('cart_7d', 'proportion', 'add_to_cart', null, null, null, null),
    ('cart_14d', 'proportion', 'add_to_cart', null, null, null, null),
    ('checkout_7d', 'proportion', 'checkout', null, null, null, null),
    ('checkout_14d', 'proportion', 'checkout', null, null, null, null),
    ('views_7d', 'count', 'view', null, null, null, null),
    ('views_14d', 'count', 'view', null, null, null, null),
    ('capped_views_14d', 'count', 'view', null, null, null, 0.95),
    ('carts_14d', 'count', 'add_to_cart', null, null, null, null),
    ('checkouts_14d', 'count', 'checkout', null, null, null, null),
    ('ad_clicks_14d', 'count', 'ad_click', null, null, null, null),
    ('minutes_7d', 'mean', 'video', 'value', null, null, null),
    ('minutes_14d', 'mean', 'video', 'value', null, null, 0.99),
    ('ad_revenue_7d', 'mean', 'ad_click', 'value', null, null, null),
    ('ad_revenue_14d', 'mean', 'ad_click', 'value', null, null, 0.99),
    ('carts_per_view_14d', 'ratio', 'add_to_cart', null, 'view', null, null),
    ('checkouts_per_cart_14d', 'ratio', 'checkout', null, 'add_to_cart', null, null),
    ('minutes_per_video_14d', 'ratio', 'video', 'value', 'video', null, null),
    ('revenue_per_click_14d', 'ratio', 'ad_click', 'value', 'ad_click', null, null)
) as metrics(
    metric_id, metric_kind, outcome, value_column, denominator_outcome,
    denominator_value_column, winsorise_quantile
);

-- Rows by their number: a table, unlike range(), is read by all threads.
create temp table numbers as
select range as number
from range(
    greatest(
        getvariable('event_count'),
        getvariable('experiment_count') * getvariable('exposures_each')
    )
);
