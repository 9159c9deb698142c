-- What did each kept version of py_experiment_power say?
select * from {{ ref('py_experiment_power') }}
where {{ is_new_version() }}
