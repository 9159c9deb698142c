-- Within each group the column runs 1, 2, 3 and so on, without gaps or ties.
{% test consecutive_ranks(model, column_name, group_by) %}
select
    {{ group_by | join(', ') }},
    count(*) as row_count,
    min({{ column_name }}) as first_rank,
    max({{ column_name }}) as last_rank
from {{ model }}
group by {{ group_by | join(', ') }}
having
    min({{ column_name }}) is distinct from 1
    or max({{ column_name }}) <> count(*)
    or count(distinct {{ column_name }}) <> count(*)
{% endtest %}
