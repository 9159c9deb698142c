-- What did each kept version of py_trait_dendrogram_ward say?
select * from {{ ref('py_trait_dendrogram_ward') }}
where {{ is_new_version() }}
