-- What did each kept version of py_experiment_results_factorial say?
select * from {{ ref('py_experiment_results_factorial') }}
where {{ is_new_version() }}
