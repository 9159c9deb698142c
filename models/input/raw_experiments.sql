-- Which experiments did the shop hand over?
{% set given = input_relation('experiments') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
