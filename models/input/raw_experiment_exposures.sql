-- Which experiment exposures did the shop hand over?
{% set given = input_relation('experiment_exposures') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
