# Into which groups do customers fall by all their traits, found in several ways?
def model(dbt, session):
    from mercato import engine
    from mercato.segmentation.solutions import trait_segments
    from mercato.versions import fit_or_reuse

    traits = dbt.ref("feat_customer_trait__sampled")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return trait_segments(engine.to_arrow(traits), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
