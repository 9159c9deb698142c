-- What did the current version of py_segments_kmeans and those before it say?
select * from {{ ref('py_segments_kmeans') }}
where {{ is_new_version() }}
