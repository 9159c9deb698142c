-- What did each kept version of py_customer_recommendations_als say?
select * from {{ ref('py_customer_recommendations_als') }}
where {{ is_new_version() }}
