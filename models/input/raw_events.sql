-- Which events did the shop hand over?
{% set given = input_relation('events') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
