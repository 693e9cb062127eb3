-- records
-- What tells whether spend or rates are as they were: how many there are, and a sum over what was received.
select
    (
        select (count(*), coalesce(sum(hashtextextended(s.key || s.received_at || s.request || s.position, 0)), 0))::text
        from metrics_spend s where s.workspace_id = %(workspace)s::int
    ),
    (
        select (
            count(*), coalesce(sum(hashtextextended(r.currency || r.at || r.received_at || r.request || r.position, 0)), 0)
        )::text
        from metrics_rate r where r.workspace_id = %(workspace)s::int
    )
