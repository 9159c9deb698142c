-- What did each kept version of py_customer_recommendations say?
select * from {{ ref('py_customer_recommendations') }}
where {{ is_new_version() }}
