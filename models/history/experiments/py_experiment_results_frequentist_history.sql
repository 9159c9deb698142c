-- What did each kept version of py_experiment_results_frequentist say?
select * from {{ ref('py_experiment_results_frequentist') }}
where {{ is_new_version() }}
