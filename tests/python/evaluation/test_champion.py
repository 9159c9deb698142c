"""Who is served, and that nothing but the data decides it."""

import duckdb


def test_the_champion_is_the_recommender_that_was_made_good(random_judgement):
    served, baseline, is_confirmed = random_judgement.sql(
        "select model_name, baseline_model_name, is_confirmed from recommender_champion"
    ).fetchone()
    assert (served, baseline, is_confirmed) == ("good", "popularity", True)


def test_the_order_of_the_rows_is_of_no_consequence(
    random_judgement, judge_random_shop
):
    def tables(connection):
        return {
            name: connection.sql(f"select * from {name} order by all").fetchall()
            for name in ("recommendation_metrics", "recommender_champion")
        }

    with duckdb.connect(str(judge_random_shop(order_seed=7)), read_only=True) as other:
        assert tables(other) == tables(random_judgement)


def test_without_judges_popularity_is_served(judge_random_shop):
    with duckdb.connect(str(judge_random_shop(is_empty=True)), read_only=True) as empty:
        (champion,) = empty.sql(
            "select model_name, challenger_model_name, customer_count, reason"
            " from recommender_champion"
        ).fetchall()
        assert champion == (
            "popularity",
            None,
            0,
            "too few customers bought something new to compare recommenders",
        )
        assert empty.sql("from recommendation_metrics").fetchall() == []
