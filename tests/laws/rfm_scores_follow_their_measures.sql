-- Equal measures score equally, and a better measure never scores worse.
{% set measures = {
    'recency_days': ['recency_score', 'desc'],
    'frequency': ['frequency_score', 'asc'],
    'monetary_amount': ['monetary_score', 'asc'],
} %}
with

scored as (
    {% for measure, (score, direction) in measures.items() -%}
        select
            '{{ score }}' as score_name,
            cast({{ measure }} as double) as measured,
            min({{ score }}) as lowest_score,
            max({{ score }}) as highest_score,
            lag(max({{ score }})) over (
                order by {{ measure }} {{ direction }}
            ) as score_of_next_worse
        from {{ ref('customer_rfm') }}
        group by {{ measure }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from scored
where lowest_score <> highest_score or lowest_score < score_of_next_worse
