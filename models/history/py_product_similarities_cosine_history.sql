-- What did each kept version of py_product_similarities_cosine say?
select * from {{ ref('py_product_similarities_cosine') }}
where {{ is_new_version() }}
