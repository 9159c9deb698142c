-- Which products did the shop hand over?
{% set given = input_relation('products') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
