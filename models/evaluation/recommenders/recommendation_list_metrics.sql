-- What are the lists of each recommender like, apart from being right or wrong?
{% set columns = [
    'catalogue_coverage', 'novelty', 'average_popularity', 'popularity_lift',
    'head_share', 'full_list_count',
] %}
with

list_means as (
    select * from {{ ref('recommendation_list_means') }}
),

diversity as (
    select * from {{ ref('recommendation_list_diversity') }}
),

definitions as (
    select * from {{ ref('recommendation_metric_definitions') }}
),

measured as (
    {% for column in columns -%}
        select
            model_name,
            window_name,
            '{{ column }}' as metric_name,
            customer_count,
            cast({{ column }} as double) as metric_value
        from list_means
        union all
    {% endfor -%}
    select
        model_name,
        window_name,
        'diversity' as metric_name,
        count(*) as customer_count,
        -- an exact sum of decimals: the same whatever the order of the rows
        round(cast(sum(diversity) as double) / count(*), 9) as metric_value
    from diversity
    group by model_name, window_name
),

recommendation_list_metrics as (
    select
        measured.model_name,
        measured.window_name,
        measured.metric_name,
        cast({{ var('recommendation_count') }} as bigint) as cutoff,
        definitions.definition_id,
        cast(measured.customer_count as bigint) as customer_count,
        measured.metric_value
    from measured
    inner join definitions on measured.metric_name = definitions.metric_name
)

select * from recommendation_list_metrics
