-- What did each kept version of py_customer_recommendations_vae say?
select * from {{ ref('py_customer_recommendations_vae') }}
where {{ is_new_version() }}
