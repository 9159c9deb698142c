-- Which lines draw the last thirty merges of the tree of customers?
with lines as (
    select 'left' as line_name
    union all
    select 'across' as line_name
    union all
    select 'right' as line_name
)

select
    step,
    line_name,
    case when line_name = 'right' then right_position else left_position end
        as from_position,
    case line_name
        when 'left' then left_height
        when 'right' then right_height
        else height
    end as from_height,
    case when line_name = 'left' then left_position else right_position end
        as to_position,
    height as to_height,
    customer_count,
    segment_count
from {{ ref('segment_dendrogram') }}
cross join lines
where segment_count < 30
order by step, line_name
