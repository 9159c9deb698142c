-- What did each kept version of py_recommender_policy_values say?
select * from {{ ref('py_recommender_policy_values') }}
where {{ is_new_version() }}
