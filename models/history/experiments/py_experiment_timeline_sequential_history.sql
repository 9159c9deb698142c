-- What did each kept version of py_experiment_timeline_sequential say?
select * from {{ ref('py_experiment_timeline_sequential') }}
where {{ is_new_version() }}
