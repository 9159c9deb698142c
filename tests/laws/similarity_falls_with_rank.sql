-- Nobody further down a list is more similar, nobody is on their own list, and
-- shrinking makes no score larger.
{% set lists = {'similar_customers': 'customer', 'similar_products': 'product'} %}
with

similarities as (
    {% for table, entity in lists.items() -%}
        select
            '{{ table }}' as table_name,
            {{ entity }}_id as entity_id,
            similar_{{ entity }}_id as similar_entity_id,
            metric,
            similarity_rank,
            similarity_score,
            unshrunk_score,
            lag(similarity_score) over (
                partition by metric, {{ entity }}_id order by similarity_rank
            ) as score_before
        from {{ ref(table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from similarities
where
    similarity_score > score_before
    or entity_id = similar_entity_id
    or similarity_score > unshrunk_score
