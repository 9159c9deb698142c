-- What did each kept version of py_customer_recommendations_ease say?
select * from {{ ref('py_customer_recommendations_ease') }}
where {{ is_new_version() }}
