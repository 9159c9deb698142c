-- Which order lines did the shop hand over?
{% set given = input_relation('order_lines') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
