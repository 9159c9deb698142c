-- What did each kept version of py_customer_similarities_cosine say?
select * from {{ ref('py_customer_similarities_cosine') }}
where {{ is_new_version() }}
