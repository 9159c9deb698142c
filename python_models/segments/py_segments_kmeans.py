# Into which groups do customers fall by recency, frequency and monetary value?
def model(dbt, session):
    from functools import partial

    from mercato import engine
    from mercato.segmentation.members import MEMBERS_SCHEMA, members, with_members
    from mercato.segmentation.rfm import FEATURES, MAX_FIT_ROWS, kmeans_segments
    from mercato.versions import fit_or_reuse

    customers = dbt.ref("feat_customer__rfm_scaled")
    archetypes = dbt.ref("segment_archetypes")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        is_large = engine.is_large(customers)
        fitted = customers
        if is_large:
            row_count = parameters.get("max_fit_rows", MAX_FIT_ROWS)
            fitted = engine.drawn(customers, "customer_id", row_count)
        segments = kmeans_segments(
            engine.to_arrow(fitted, *FEATURES),
            engine.to_arrow(archetypes),
            **parameters,
        )
        if not is_large:
            return segments
        parts = engine.in_parts(customers, partial(members, segments), MEMBERS_SCHEMA)
        return with_members(segments, engine.to_arrow(parts))

    return fit_or_reuse(dbt, session, versions, fit)
