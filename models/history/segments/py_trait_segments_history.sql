-- What did each kept version of py_trait_segments say?
select * from {{ ref('py_trait_segments') }}
where {{ is_new_version() }}
