-- What is each segment called, and how large is it?
with

memberships as (
    select * from {{ ref('customer_clusterings') }}
),

differences as (
    select * from {{ ref('segment_traits') }}
    where abs(difference) >= 0.2
),

phrases as (
    select * from {{ ref('segmentation_traits') }}
),

archetypes as (
    select * from {{ ref('segment_archetypes') }}
),

sizes as (
    select
        method,
        segment_id,
        version_id,
        count(*) as customer_count,
        sum(count(*)) over (partition by method) as all_count
    from memberships
    group by method, segment_id, version_id
),

-- A level that a segment has less of is left out: it has more of another.
phrased as (
    select
        differences.method,
        differences.segment_id,
        case
            when differences.difference > 0
                then coalesce(phrases.high_phrase, differences.trait)
            else phrases.low_phrase
        end as phrase,
        row_number() over (
            partition by differences.method, differences.segment_id
            order by differences.trait_rank
        ) as phrase_rank
    from differences
    left join phrases on differences.trait = phrases.trait
    where differences.difference > 0 or phrases.trait is not null
),

described as (
    select
        method,
        segment_id,
        concat_ws(
            ', ',
            max(case when phrase_rank = 1 then phrase end),
            max(case when phrase_rank = 2 then phrase end),
            max(case when phrase_rank = 3 then phrase end)
        ) as description
    from phrased
    group by method, segment_id
),

segment_descriptions as (
    select
        sizes.method,
        sizes.segment_id,
        case
            when sizes.method = 'rfm_kmeans' then archetypes.segment_name
            when sizes.segment_id = 'noise' then 'Noise'
            else coalesce(described.description, 'like the others')
        end as segment_name,
        coalesce(described.description, 'like the others') as description,
        cast(sizes.customer_count as bigint) as customer_count,
        cast(sizes.customer_count as double) / sizes.all_count as customer_share,
        sizes.version_id
    from sizes
    left join described
        on
            sizes.method = described.method
            and sizes.segment_id = described.segment_id
    left join archetypes on sizes.segment_id = archetypes.segment_id
)

select * from segment_descriptions
