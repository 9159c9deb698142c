-- What did each kept version of py_product_similarities_knn say?
select * from {{ ref('py_product_similarities_knn') }}
where {{ is_new_version() }}
