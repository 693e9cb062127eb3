-- content
-- All that a statement holds, as one text: the statement with its rules, each share, each note, the orders as a digest.
select string_agg(x.line, E'\n' order by x.place, x.line collate "C")
from (
    select 0 as place, jsonb_build_array(s.workspace_id, s.number, s.first - date '2000-01-01', s.last - date '2000-01-01',
        s.currency, s.version, s.base::text, s.pot::text, s.corrected::text, s.said, extract(epoch from s.made_at)::text,
        s.made_by, extract(epoch from s.sent_at)::text, s.sent_by, extract(epoch from s.closed_at)::text, s.closed_by,
        r.rules)::text as line
    from metrics_statement s
    left join metrics_allocation_rules r on r.workspace_id = s.workspace_id and r.version = s.version
    where s.id = %(id)s::bigint
    union all
    select 1, jsonb_build_array(h.channel_id, h.earned::text, h.amount::text, h.corrected::text, h.steps, h.state,
        extract(epoch from h.decided_at)::text, h.decided_by)::text
    from metrics_statement_share h where h.statement_id = %(id)s::bigint
    union all
    select 2, jsonb_build_array(n.id, n.channel_id, n.act, n.author, extract(epoch from n.at)::text, n.text, n.file_name,
        n.file_type, encode(sha256(n.file), 'hex'))::text
    from metrics_statement_note n where n.statement_id = %(id)s::bigint
    union all
    select 3, coalesce(encode(sha256(convert_to(string_agg(
        jsonb_build_array(o.order_id, o.channel_id, o.of_statement, o.reason, o.day - date '2000-01-01', o.store,
            o.value::text, o.amount::text, o.refunded::text, o.back::text, o.pot::text, o.credited, o.credits::text,
            o.signature)::text,
        E'\n' order by o.order_id, o.channel_id
    ), 'UTF8')), 'hex'), '')
    from metrics_statement_order o where o.statement_id = %(id)s::bigint
) x

-- last_digest
-- The digest of the statement closed before a number.
select s.digest from metrics_statement s
where s.workspace_id = %(workspace)s::int and s.state = 'closed' and s.number < %(number)s::int
order by s.number desc
limit 1

-- closed
-- The closed statements of all workspaces, in their order.
select s.workspace_id, s.id, s.number, s.previous, s.digest from metrics_statement s
where s.state = 'closed'
order by s.workspace_id, s.number
