-- What did each kept version of py_trait_components say?
select * from {{ ref('py_trait_components') }}
where {{ is_new_version() }}
