-- What did each kept version of py_propensity_coefficients say?
select * from {{ ref('py_propensity_coefficients') }}
where {{ is_new_version() }}
