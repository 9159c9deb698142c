-- What did each kept version of py_next_orders_regression say?
select * from {{ ref('py_next_orders_regression') }}
where {{ is_new_version() }}
