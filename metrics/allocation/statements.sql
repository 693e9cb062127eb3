-- move
-- A statement from some states to another; no row where it is in none of them.
update metrics_statement s
set state = %(state)s::text,
    sent_at = case when %(state)s::text = 'sent' then %(at)s::timestamptz
        when %(state)s::text = 'draft' then null else s.sent_at end,
    sent_by = case when %(state)s::text = 'sent' then %(by)s::text when %(state)s::text = 'draft' then null else s.sent_by end
where s.id = %(id)s::bigint and s.state = any(%(from)s::text[])

-- decide
-- A channel's answer; no row where it stands already.
update metrics_statement_share h
set state = %(state)s::text, decided_at = %(at)s::timestamptz, decided_by = %(by)s::text
where h.statement_id = %(id)s::bigint and h.channel_id = %(channel)s::int and h.state <> %(state)s::text
    and h.state <> 'agreed'

-- undecide
-- Nobody has answered yet, but the company for itself.
update metrics_statement_share h
set state = 'waiting', decided_at = null, decided_by = null
where h.statement_id = %(id)s::bigint and h.channel_id <> 0

-- settle
-- What the answers come to: the state of the whole.
update metrics_statement s
set state = (
    select case when bool_or(h.state = 'disputed') then 'disputed'
        when coalesce(bool_and(h.state = 'agreed'), true) then 'agreed' else 'sent' end
    from metrics_statement_share h where h.statement_id = s.id
)
where s.id = %(id)s::bigint and s.state in ('sent', 'disputed')

-- sign
-- Who closes a statement, and when: the last that is written before its digest.
update metrics_statement s set closed_at = %(at)s::timestamptz, closed_by = %(by)s::text where s.id = %(id)s::bigint

-- close
-- Closed for good.
update metrics_statement s set state = 'closed', previous = %(previous)s::text, digest = %(digest)s::text
where s.id = %(id)s::bigint and s.state = 'agreed'
