-- Which erasure requests did the shop hand over?
{% set given = input_relation('erasure_requests') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
