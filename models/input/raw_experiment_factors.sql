-- Which factors of experiment variants did the shop hand over?
{% set given = input_relation('experiment_factors') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
