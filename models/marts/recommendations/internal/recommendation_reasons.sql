-- Which product of the customer's own led to each that the champion suggests?
with

champion as (
    select * from {{ ref('recommender_champion') }}
    -- what is popular is not suggested for anything that the customer did
    where model_name not like 'popularity%'
),

offers as (
    select
        offers.list_index,
        offers.product_index
    from {{ ref('recommendation_offers') }} as offers
    cross join champion
    where offers.ladder_step = 2
),

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name = 'serving'
),

alike as (
    select
        product_index,
        similar_product_index as reason_product_index,
        similarity_rank,
        false as is_by_words
    from {{ ref('py_product_similarities_knn') }}
    where metric = 'cosine'
    union all
    -- behind all that customers link
    select
        product_index,
        other_product_index as reason_product_index,
        1000 + content_rank as similarity_rank,
        true as is_by_words
    from {{ ref('content_neighbours') }}
),

linked as (
    select
        offers.list_index,
        offers.product_index,
        alike.reason_product_index,
        interactions.is_owned,
        alike.is_by_words,
        row_number() over (
            partition by offers.list_index, offers.product_index
            order by alike.similarity_rank
        ) as reason_rank
    from offers
    inner join alike on offers.product_index = alike.product_index
    inner join interactions
        on
            offers.list_index = interactions.customer_index
            and alike.reason_product_index = interactions.product_index
),

recommendation_reasons as (
    select
        list_index,
        product_index,
        reason_product_index,
        is_owned,
        is_by_words
    from linked
    where reason_rank = 1
)

select * from recommendation_reasons
