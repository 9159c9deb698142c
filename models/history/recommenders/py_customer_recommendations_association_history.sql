-- What did each kept version of py_customer_recommendations_association say?
select * from {{ ref('py_customer_recommendations_association') }}
where {{ is_new_version() }}
