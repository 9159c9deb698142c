-- What did each kept version of py_experiment_results_bayesian say?
select * from {{ ref('py_experiment_results_bayesian') }}
where {{ is_new_version() }}
