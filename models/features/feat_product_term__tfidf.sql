-- How characteristic is each word for each product?
with

product_text as (
    select * from {{ ref('feat_product__text') }}
    where product_text <> ''
),

occurrences as (
    select product_id, {{ words('product_text') }} as term
    from product_text
),

term_counts as (
    select product_id, term, count(*) as term_count
    from occurrences
    group by product_id, term
),

document_counts as (
    select term, count(*) as product_count
    from term_counts
    group by term
),

corpus as (
    select count(*) as product_count from product_text
),

weighted as (
    select
        term_counts.product_id,
        term_counts.term,
        term_counts.term_count,
        document_counts.product_count,
        term_counts.term_count * (
            1 + ln(
                cast(1 + corpus.product_count as double)
                / (1 + document_counts.product_count)
            )
        ) as tfidf
    from term_counts
    inner join document_counts on term_counts.term = document_counts.term
    cross join corpus
),

lengths as (
    select
        product_id,
        sqrt(cast(sum(cast(tfidf * tfidf as decimal(28, 8))) as double)) as length
    from weighted
    group by product_id
),

feat_product_term__tfidf as (
    select
        weighted.product_id,
        weighted.term,
        cast(weighted.term_count as bigint) as term_count,
        cast(weighted.product_count as bigint) as product_count,
        round(weighted.tfidf / lengths.length, 6) as tfidf_weight
    from weighted
    inner join lengths on weighted.product_id = lengths.product_id
)

select * from feat_product_term__tfidf
