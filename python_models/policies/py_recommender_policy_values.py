# What would each recommender have earned, had it chosen what was shown at random?
def model(dbt, session):
    from mercato import engine
    from mercato.experiments.off_policy import policy_values
    from mercato.versions import fit_or_reuse

    rewards = dbt.ref("recommender_policy_rewards")
    versions = dbt.ref("policy_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return policy_values(engine.to_arrow(rewards), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
