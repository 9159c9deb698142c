"""The simulated traffic agrees with the real orders and holds the planted faults."""

import pytest

GOODS = "regexp_matches(product_id, '^[0-9]{5}[A-Za-z]{0,2}$')"

ORDERED_GOODS = f"""(
    select * replace (min(ordered_at) over (partition by order_id) as ordered_at)
    from order_lines
    where
        customer_id is not null and is_cancelled = 'false'
        and quantity::int > 0 and {GOODS}
)"""


def scalar(sample, query):
    return sample.execute(query).fetchone()[0]


def test_events_are_unique_except_for_what_was_delivered_twice(sample):
    total = scalar(sample, "select count(*) from events")
    assert scalar(sample, "select count(distinct event_id) from events") == total - 49
    assert scalar(sample, "select count(*) from (select distinct * from events)") == (
        total - 49
    )


def test_purchases_are_products_of_a_real_order_of_that_moment(sample):
    unfounded = scalar(
        sample,
        f"""
        select count(*) from events
        anti join {ORDERED_GOODS} as goods
            on
                events.customer_id = goods.customer_id
                and events.product_id = goods.product_id
                and events.occurred_at
                = strftime(goods.ordered_at::timestamp, '%Y-%m-%dT%H:%M:%SZ')
        where event_type = 'purchase'
        """,
    )
    assert unfounded == 0


def test_every_order_of_goods_has_a_purchase(sample):
    orders, missed = sample.execute(f"""
        select
            count(distinct order_id),
            count(distinct order_id) filter (event_id is null)
        from (
            select order_id, max(event_id) as event_id
            from {ORDERED_GOODS} as goods
            left join events
                on
                    events.event_type = 'purchase'
                    and events.customer_id = goods.customer_id
                    and events.product_id = goods.product_id
                    and events.occurred_at
                    = strftime(goods.ordered_at::timestamp, '%Y-%m-%dT%H:%M:%SZ')
            where goods.ordered_at >= '2011-06-10'
            group by order_id
        )
    """).fetchone()
    assert orders == 475
    assert missed == 0


def test_what_is_bought_was_viewed_and_carted_before(sample):
    unprepared = scalar(
        sample,
        """
        select count(*) from (
            select bought.event_id
            from events as bought
            left join events as earlier
                on
                    bought.anonymous_id = earlier.anonymous_id
                    and bought.product_id = earlier.product_id
                    and try_cast(earlier.occurred_at as timestamptz)
                    between bought.occurred_at::timestamptz - interval 1 hour
                    and bought.occurred_at::timestamptz
            where bought.event_type = 'purchase'
            group by bought.event_id
            having
                count(*) filter (earlier.event_type = 'view') = 0
                or count(*) filter (earlier.event_type = 'add_to_cart') = 0
        )
        """,
    )
    assert unprepared == 0


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("try_cast(occurred_at as timestamptz) is null", 6),
        ("customer_id is null and anonymous_id is null", 4),
        ("event_type = 'purchase' and customer_id is null", 0),
        ("event_type = 'banner_click'", 142),
        (
            "event_type not in ('view', 'add_to_cart', 'purchase', 'banner_click')",
            0,
        ),
        ("(product_id is null) != (event_type = 'banner_click')", 0),
        ("(value is null) = (event_type = 'banner_click')", 0),
        ("(campaign_id is null) = (channel in ('paid_search', 'social', 'email'))", 0),
    ],
)
def test_faults_of_events(sample, condition, expected):
    assert scalar(sample, f"select count(*) from events where {condition}") == expected


def test_some_sessions_have_no_id(sample):
    share = scalar(sample, "select avg((session_id is null)::int) from events")
    assert 0.05 < share < 0.15


def test_a_session_id_is_one_device_and_one_channel(sample):
    mixed = """
        select count(*) from (
            select session_id from events where session_id is not null
            group by session_id
            having count(distinct anonymous_id) > 1 or count(distinct channel) > 1
        )
    """
    assert scalar(sample, mixed) == 0


def test_devices_are_stitched_and_some_are_shared(sample):
    shared, first_unknown = sample.execute("""
        select
            count(*) filter (customer_count > 1),
            count(*) filter (customer_count = 1 and is_first_unknown)
        from (
            select
                count(distinct customer_id) as customer_count,
                arg_min(customer_id is null, event_id) as is_first_unknown
            from events where anonymous_id is not null group by anonymous_id
        )
    """).fetchone()
    assert shared == 4
    assert first_unknown > 100


def test_bots_view_hundreds_of_pages_and_take_nothing(sample):
    bots = sample.execute("""
        select count(*), count(*) filter (event_type != 'view')
        from events where anonymous_id is not null
        group by anonymous_id
        having
            count(*) >= 200
            and max(occurred_at)::timestamp - min(occurred_at)::timestamp
            < interval 1 hour
    """).fetchall()
    assert len(bots) == 6
    # A page more than a bot fetches: one event may be delivered twice.
    assert all(views <= 301 and others == 0 for views, others in bots)


def test_clicks_cover_the_sessions_of_each_campaign_and_day(sample):
    uncovered = scalar(
        sample,
        """
        with session_counts as (
            select campaign_id, performance_date, count(*) as session_count
            from (
                select
                    session_id,
                    campaign_id,
                    min(try_cast(occurred_at as timestamptz))::date::varchar
                        as performance_date
                from events
                where session_id is not null and campaign_id is not null
                group by session_id, campaign_id
            )
            where performance_date is not null
            group by campaign_id, performance_date
        )
        select count(*) from session_counts
        left join ad_performance using (campaign_id, performance_date)
        where click_count is null or click_count::int < session_count
        """,
    )
    assert uncovered == 0


def test_ads_cost_and_are_seen_more_often_than_clicked(sample):
    impossible = """
        select count(*) from ad_performance
        where
            cost_amount::decimal(10, 2) < 0
            or impression_count::int <= click_count::int
            or currency != 'GBP'
    """
    assert scalar(sample, impossible) == 0
