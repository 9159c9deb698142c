-- Which ad figures keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_ad_performance') }}
),

reporting_currency as (
    select currency as reported_currency
    from {{ ref('reporting_currency') }}
),

typed as (
    select
        cast({{ utc_timestamp('performance_date') }} as date) as performance_date,
        lower({{ text_or_null('channel') }}) as channel,
        {{ text_or_null('campaign_id') }} as campaign_id,
        {{ whole_number('impression_count') }} as impression_count,
        {{ whole_number('click_count') }} as click_count,
        try_cast(cost_amount as decimal(18, 2)) as cost_amount,
        upper({{ text_or_null('currency') }}) as currency,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections(dict({
            'channel_missing': 'channel is null',
            'campaign_id_missing': 'campaign_id is null',
            'impression_count_not_a_number': not_read('impression_count'),
            'impression_count_negative': 'impression_count < 0',
            'click_count_not_a_number': not_read('click_count'),
            'click_count_negative': 'click_count < 0',
            'cost_amount_not_a_number': 'cost_amount is null',
            'cost_amount_negative': 'cost_amount < 0',
            'currency_not_reported': 'currency <> reported_currency',
        }, **timestamp_rules('performance_date'))) }} as rejection_reasons,
        {{ content([
            'performance_date', 'channel', 'campaign_id', 'impression_count',
            'click_count', 'cost_amount', 'currency'
        ]) }} as row_content
    from typed
    cross join reporting_currency
),

ranked as (
    select
        judged.*,
        {{ row_status(['performance_date', 'channel', 'campaign_id']) }} as row_status
    from judged
),

checked_ad_performance as (
    select
        performance_date,
        channel,
        campaign_id,
        impression_count,
        click_count,
        cost_amount,
        currency,
        row_status,
        case
            when row_status = 'quarantined'
                then coalesce(rejection_reasons, 'same_key_other_content')
        end as rejection_reasons,
        case
            when row_status = 'quarantined'
                then {{ struct_as_json('given_row') }}
        end as given_row
    from ranked
)

select * from checked_ad_performance
