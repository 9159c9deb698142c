-- Which sums over the units of experiments did the shop hand over?
{% set given = input_relation('experiment_statistics') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
