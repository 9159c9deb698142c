-- What did the current version of py_customer_similarities_cosine and those before it say?
select * from {{ ref('py_customer_similarities_cosine') }}
where {{ is_new_version() }}
