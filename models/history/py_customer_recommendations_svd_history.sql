-- What did the current version of py_customer_recommendations_svd and those before it say?
select * from {{ ref('py_customer_recommendations_svd') }}
where {{ is_new_version() }}
