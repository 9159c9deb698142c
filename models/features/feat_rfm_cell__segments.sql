-- Which segment is each cell of recency, frequency and monetary score?
with

segments as (
    select * from {{ ref('rfm_segments') }}
),

scores as (
    select {{ number_series(1, 5) }} as score
),

cells as (
    select
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary
),

-- A cell without a segment, or with two, stops the build by the tests of this table.
feat_rfm_cell__segments as (
    select
        cast(cells.recency_score as string)
        || cast(cells.frequency_score as string)
        || cast(cells.monetary_score as string) as rfm_cell,
        segments.rfm_segment,
        cells.recency_score,
        cells.frequency_score,
        cells.monetary_score
    from cells
    left join segments
        on
            cells.recency_score >= segments.minimum_recency_score
            and cells.recency_score <= segments.maximum_recency_score
            and cells.frequency_score >= segments.minimum_frequency_score
            and cells.frequency_score <= segments.maximum_frequency_score
            and cells.monetary_score >= segments.minimum_monetary_score
            and cells.monetary_score <= segments.maximum_monetary_score
)

select * from feat_rfm_cell__segments
