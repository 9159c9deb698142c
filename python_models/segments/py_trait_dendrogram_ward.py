# Which customers, and then which groups of them, are most alike?
def model(dbt, session):
    from mercato import engine
    from mercato.segmentation.hierarchical import trait_dendrogram
    from mercato.versions import fit_or_reuse

    traits = dbt.ref("feat_customer_trait__sampled")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return trait_dendrogram(engine.to_arrow(traits), **parameters)

    return fit_or_reuse(dbt, session, versions, fit)
