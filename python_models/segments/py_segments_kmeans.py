# Into which groups do customers fall by recency, frequency and monetary value?
def model(dbt, session):
    from mercato import engine
    from mercato.segmentation.rfm import kmeans_segments
    from mercato.versions import fit_or_reuse

    customers = dbt.ref("feat_customer__rfm_scaled")
    archetypes = dbt.ref("segment_archetypes")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        return kmeans_segments(
            engine.to_arrow(customers, "recency_z", "frequency_z", "monetary_z"),
            engine.to_arrow(archetypes),
            **parameters,
        )

    return fit_or_reuse(dbt, session, versions, fit)
