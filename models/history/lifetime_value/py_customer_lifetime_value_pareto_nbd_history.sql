-- What did each kept version of py_customer_lifetime_value_pareto_nbd say?
select * from {{ ref('py_customer_lifetime_value_pareto_nbd') }}
where {{ is_new_version() }}
