-- How many of the known customers had each product in sight when it was recommended?
with

catalogue as (
    select * from {{ ref('feat_window_product__catalogue') }}
    where window_name <> 'serving'
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
    where model_name = 'popularity'
),

judge_counts as (
    select * from {{ ref('judge_counts') }}
),

counted as (
    select
        catalogue.window_name,
        catalogue.product_index,
        judge_counts.known_customer_count,
        coalesce(popularity.popularity_score, 0) as customer_count,
        row_number() over (
            partition by catalogue.window_name
            order by
                coalesce(popularity.popularity_score, 0) desc,
                catalogue.product_index
        ) as place,
        count(*) over (partition by catalogue.window_name) as product_count
    from catalogue
    inner join judge_counts on catalogue.window_name = judge_counts.window_name
    left join popularity
        on
            catalogue.window_name = popularity.window_name
            and catalogue.product_index = popularity.product_index
),

-- Decimal, so that the sums over lists do not depend on the order of the rows.
recommendation_product_popularity as (
    select
        window_name,
        product_index,
        cast(customer_count as bigint) as customer_count,
        cast(customer_count / known_customer_count as decimal(10, 9))
            as customer_share,
        cast(
            ln(cast(known_customer_count as double) / greatest(customer_count, 1))
            / ln(2)
            as decimal(18, 9)
        ) as self_information,
        place <= ceil(0.1 * product_count) as is_head
    from counted
    where known_customer_count > 0
)

select * from recommendation_product_popularity
