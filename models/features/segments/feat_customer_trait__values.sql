-- What does each customer measure by each trait, before and after evening it out?
{% set numbers = [
    'recency_days', 'order_count', 'net_amount', 'average_order_amount',
    'days_between_orders', 'product_count', 'refunded_share', 'discount_share',
    'session_count', 'view_count',
] %}
with

traits as (
    select * from {{ ref('feat_customer__traits') }}
),

levels as (
    select * from {{ ref('feat_customer_trait__levels') }}
),

scales as (
    select * from {{ ref('segmentation_traits') }}
),

numbers as (
    {% for number in numbers -%}
        select
            customer_id,
            '{{ number }}' as trait,
            {{ number }} as value
        from traits
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        numbers.customer_id,
        numbers.trait,
        numbers.value,
        scales.scale,
        rank() over (
            partition by numbers.trait order by numbers.value nulls last
        ) as first_rank,
        count(*) over (partition by numbers.trait, numbers.value) as tied_count,
        count(*) over (partition by numbers.trait) as customer_count
    from numbers
    inner join scales on numbers.trait = scales.trait
),

known_levels as (
    select distinct
        category,
        trait
    from levels
),

-- Each level is a trait that a customer has, has not, or nothing is known of.
indicators as (
    select
        traits.customer_id,
        known_levels.trait,
        case
            when levels.trait = known_levels.trait then cast(1 as double)
            when levels.trait is not null then cast(0 as double)
        end as value
    from traits
    cross join known_levels
    left join levels
        on
            traits.customer_id = levels.customer_id
            and known_levels.category = levels.category
),

feat_customer_trait__values as (
    select
        customer_id,
        trait,
        scale,
        value,
        -- Equal values share the mean of their ranks.
        cast(
            case
                when scale = 'rank'
                    then (first_rank + (tied_count - 1) / 2.0) / customer_count
                when value < 0 then 0
                else ln(1 + value)
            end as decimal(9, 6)
        ) as even_value
    from ranked
    union all
    select
        customer_id,
        trait,
        'indicator' as scale,
        value,
        cast(value as decimal(9, 6)) as even_value
    from indicators
)

select * from feat_customer_trait__values
