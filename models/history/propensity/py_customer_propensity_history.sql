-- What did each kept version of py_customer_propensity say?
select * from {{ ref('py_customer_propensity') }}
where {{ is_new_version() }}
