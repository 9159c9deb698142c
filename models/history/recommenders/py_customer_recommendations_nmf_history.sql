-- What did each kept version of py_customer_recommendations_nmf say?
select * from {{ ref('py_customer_recommendations_nmf') }}
where {{ is_new_version() }}
