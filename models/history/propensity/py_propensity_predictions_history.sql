-- What did each kept version of py_propensity_predictions say?
select * from {{ ref('py_propensity_predictions') }}
where {{ is_new_version() }}
