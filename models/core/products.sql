-- What can be bought, and which codes on order lines are something else?
with

catalogue as (
    select * from {{ ref('stg_products') }}
),

code_rules as (
    select * from {{ ref('product_code_rules') }}
),

mentioned as (
    select product_id from {{ ref('stg_order_lines') }}
    union
    select product_id from {{ ref('stg_events') }} where product_id is not null
    union
    select product_id from {{ ref('stg_recommendation_exposures') }}
    union
    select product_id from catalogue
),

kinds as (
    select
        mentioned.product_id,
        -- The longest pattern is the most particular one.
        row_number() over (
            partition by mentioned.product_id
            order by
                length(code_rules.code_pattern) desc,
                code_rules.code_pattern
        ) as rule_rank,
        code_rules.product_kind
    from mentioned
    inner join code_rules
        on mentioned.product_id like code_rules.code_pattern escape '!'
),

products as (
    select
        mentioned.product_id,
        catalogue.product_name,
        catalogue.category,
        coalesce(kinds.product_kind, 'product') as product_kind,
        cast(catalogue.unit_cost as decimal(18, 4)) as unit_cost,
        coalesce(catalogue.is_in_stock, true) as is_in_stock,
        catalogue.product_id is not null as is_in_catalogue
    from mentioned
    left join catalogue on mentioned.product_id = catalogue.product_id
    left join kinds
        on
            mentioned.product_id = kinds.product_id
            and kinds.rule_rank = 1
)

select * from products
