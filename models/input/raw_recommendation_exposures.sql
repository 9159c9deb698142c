-- Which recommendations shown to visitors did the shop hand over?
{% set given = input_relation('recommendation_exposures') %}

select
    {{ input_columns(given) }}
from {{ given or nothing_given() }}
