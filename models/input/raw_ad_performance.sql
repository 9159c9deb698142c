-- Which ad performance figures did the shop hand over?
{% set given = input_relation('ad_performance') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
