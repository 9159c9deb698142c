-- Which customers and groups are most alike, as a tree to draw?
with

joined as (
    select * from {{ ref('py_trait_dendrogram_ward') }}
),

segment_dendrogram as (
    select
        step,
        left_node,
        right_node,
        height,
        customer_count,
        segment_count,
        merge_position,
        left_position,
        right_position,
        left_height,
        right_height,
        version_id
    from joined
)

select * from segment_dendrogram
