"""What recommenders learn from, asked for in SQL that DuckDB and Spark both read.

source is always a table or view with the columns of INTERACTIONS_SCHEMA and what that
asks of its rows.
"""

from __future__ import annotations

# As mercato.recommenders.interactions.WEIGHTINGS.
WEIGHTS = {
    "log": "ln(1 + weight)",
    "linear": "weight",
    "binary": "cast(1 as double)",
}


def entries_query(source: str, weighting: str) -> str:
    """Ask for products and their customers as what similarities compare."""
    return f"""
select
    product_index as entity_index,
    customer_index as attribute_index,
    {WEIGHTS[weighting]} as weight
from {source}
"""


def gram_query(source: str, weighting: str, max_products: int) -> str:
    """Ask for the sums over customers of the weights of two products.

    Only the max_products that the most customers have (equal counts by lower index)
    take part. The rows have product_index, other_product_index, which is not lower, and
    weight_sum; what nobody has both of is left out.
    """
    return f"""
with

popular as (
    select product_index
    from {source}
    group by product_index
    order by count(*) desc, product_index
    limit {max_products}
),

weights as (
    select
        interactions.customer_index,
        interactions.product_index,
        {WEIGHTS[weighting]} as weight
    from {source} as interactions
    inner join popular on interactions.product_index = popular.product_index
)

select
    weights.product_index,
    others.product_index as other_product_index,
    sum(weights.weight * others.weight) as weight_sum
from weights
inner join weights as others
    on
        weights.customer_index = others.customer_index
        and weights.product_index <= others.product_index
group by weights.product_index, others.product_index
"""


def sample_query(source: str, max_customers: int) -> str:
    """Ask for all interactions of so many customers, the same in every build."""
    return f"""
with

customers as (
    select distinct customer_index from {source}
),

drawn as (
    select customer_index
    from customers
    order by md5(cast(customer_index as string)), customer_index
    limit {max_customers}
)

select
    interactions.customer_index,
    interactions.product_index,
    interactions.weight,
    interactions.is_owned
from {source} as interactions
inner join drawn on interactions.customer_index = drawn.customer_index
"""
