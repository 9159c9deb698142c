-- What did each kept version of py_segments_kmeans say?
select * from {{ ref('py_segments_kmeans') }}
where {{ is_new_version() }}
