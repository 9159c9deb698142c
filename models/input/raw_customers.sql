-- Which customers did the shop hand over?
{% set given = input_relation('customers') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
