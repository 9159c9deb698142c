-- Which experiment metrics did the shop hand over?
{% set given = input_relation('experiment_metrics') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
