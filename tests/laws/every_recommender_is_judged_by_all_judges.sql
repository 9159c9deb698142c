-- Every recommender is scored by every judge, also where it had nothing to suggest.
with

judges as (
    select
        window_name,
        product_slice,
        count(*) as judge_count
    from {{ ref('judges') }}
    group by window_name, product_slice
),

models as (
    select distinct model_name from {{ ref('recommendation_candidates') }}
),

scored as (
    select
        model_name,
        window_name,
        product_slice,
        cutoff,
        count(*) as judge_count
    from {{ ref('recommendation_customer_metrics') }}
    group by model_name, window_name, product_slice, cutoff
),

cutoffs as (
    select distinct cutoff from scored
),

expected as (
    select
        models.model_name,
        judges.window_name,
        judges.product_slice,
        cutoffs.cutoff,
        judges.judge_count
    from models
    cross join judges
    cross join cutoffs
)

select
    expected.*,
    scored.judge_count as scored_count
from expected
left join scored
    on
        expected.model_name = scored.model_name
        and expected.window_name = scored.window_name
        and expected.product_slice = scored.product_slice
        and expected.cutoff = scored.cutoff
where expected.judge_count is distinct from scored.judge_count
