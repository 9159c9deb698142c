-- What did each kept version of py_customer_recommendations_svd say?
select * from {{ ref('py_customer_recommendations_svd') }}
where {{ is_new_version() }}
