-- What did each kept version of py_lifetime_value_parameters say?
select * from {{ ref('py_lifetime_value_parameters') }}
where {{ is_new_version() }}
