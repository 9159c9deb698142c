-- The cohorts of each dimension hold together what all customers of the month did.
{% set measures = [
    'customer_count',
    'active_customer_count',
    'order_count',
    'refund_amount',
    'net_amount',
    'cumulative_net_amount',
    'costed_net_amount',
] %}
with

summed as (
    select
        cohort_dimension,
        cohort_month,
        month_number,
        {% for measure in measures -%}
            coalesce(sum({{ measure }}), 0) as {{ measure }},
        {% endfor -%}
        coalesce(sum(margin_amount), 0) as margin_amount,
        -- each cohort's margin is rounded to cents by itself
        0.005 * count(*) as rounding
    from {{ ref('cohort_retention') }}
    group by cohort_dimension, cohort_month, month_number
)

select
    cohort_month,
    month_number,
    count(*) as dimension_count
from summed
group by cohort_month, month_number
having
    count(*) <> {{ cohort_dimensions() | length + 1 }}
    {% for measure in measures -%}
        or min({{ measure }}) <> max({{ measure }})
    {% endfor -%}
    or max(margin_amount) - min(margin_amount) > 2 * max(rounding)
