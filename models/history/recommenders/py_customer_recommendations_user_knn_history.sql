-- What did each kept version of py_customer_recommendations_user_knn say?
select * from {{ ref('py_customer_recommendations_user_knn') }}
where {{ is_new_version() }}
