-- Which products are described by the same words?
{% set max_pairs = 10000000 %}
with

terms as (
    select * from {{ ref('feat_window_product__terms') }}
    where window_name = 'serving'
),

-- Words that very many products share cost the most and say the least: of the rarest
-- words, as many as give no more pairs than this in all.
counted as (
    select
        term,
        count(*) as product_count
    from terms
    group by term
),

telling_terms as (
    select term
    from (
        select
            term,
            sum(product_count * product_count) over (
                order by product_count, term
                rows between unbounded preceding and current row
            ) as pair_count
        from counted
        where product_count > 1
    ) as summed
    where pair_count <= {{ max_pairs }}
),

telling as (
    select terms.*
    from terms
    inner join telling_terms on terms.term = telling_terms.term
),

-- Decimal, so that the sums do not depend on the order of the rows.
pairs as (
    select
        telling.product_index,
        others.product_index as other_product_index,
        cast(sum(
            cast(telling.tfidf_weight * others.tfidf_weight as decimal(18, 12))
        ) as double) as similarity_score
    from telling
    inner join telling as others
        on
            telling.term = others.term
            and telling.product_index <> others.product_index
    group by telling.product_index, others.product_index
),

ranked as (
    select
        pairs.*,
        row_number() over (
            partition by product_index
            order by similarity_score desc, other_product_index
        ) as content_rank
    from pairs
),

content_neighbours as (
    select
        product_index,
        other_product_index,
        cast(content_rank as bigint) as content_rank,
        similarity_score
    from ranked
    where content_rank <= {{ var('candidate_count') }}
)

select * from content_neighbours
