-- Which lists are mixed into what is served, and which bit stands for each?
with

served_parts as (
    select
        model_name,
        fusion_weight,
        parameters is null as is_popularity,
        count(*) over () = 1 as is_alone,
        cast(
            power(2, row_number() over (order by model_name) - 1) as bigint
        ) as source_bit
    from {{ ref('served_recommenders') }}
)

select * from served_parts
