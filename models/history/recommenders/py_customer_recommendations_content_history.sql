-- What did each kept version of py_customer_recommendations_content say?
select * from {{ ref('py_customer_recommendations_content') }}
where {{ is_new_version() }}
