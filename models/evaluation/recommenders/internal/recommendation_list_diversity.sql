-- How different from each other are the products that a judge would have been shown?
with

samples as (
    select * from {{ ref('recommendation_list_samples') }}
),

terms as (
    select * from {{ ref('feat_window_product__terms') }}
),

lists as (
    select
        model_name,
        window_name,
        customer_index,
        count(*) as product_count,
        sum(square_length) as square_lengths
    from samples
    group by model_name, window_name, customer_index
    having count(*) > 1
),

-- The vectors of a list are added up, so that its pairs need not be formed.
summed as (
    select
        samples.model_name,
        samples.window_name,
        samples.customer_index,
        cast(sum(cast(terms.tfidf_weight as decimal(9, 6))) as decimal(18, 6))
            as term_weight
    from samples
    inner join terms
        on
            samples.window_name = terms.window_name
            and samples.product_index = terms.product_index
    group by
        samples.model_name,
        samples.window_name,
        samples.customer_index,
        terms.term
),

lengths as (
    select
        model_name,
        window_name,
        customer_index,
        sum(term_weight * term_weight) as square_length
    from summed
    group by model_name, window_name, customer_index
),

recommendation_list_diversity as (
    select
        lists.model_name,
        lists.window_name,
        lists.customer_index,
        cast(lists.product_count as bigint) as product_count,
        cast(
            1 - cast(lengths.square_length - lists.square_lengths as double)
            / (lists.product_count * (lists.product_count - 1))
            as decimal(10, 9)
        ) as diversity
    from lists
    inner join lengths
        on
            lists.model_name = lengths.model_name
            and lists.window_name = lengths.window_name
            and lists.customer_index = lengths.customer_index
)

select * from recommendation_list_diversity
