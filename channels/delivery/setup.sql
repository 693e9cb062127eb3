-- unask
-- Names that a destination asks for no more.
delete from channels_asked a where a.destination_id = %(destination)s::bigint and a.name <> all(%(names)s::text[])

-- ask
-- Names that a destination asks for, each from now on, or since it did.
insert into channels_asked as a (workspace_id, destination_id, name, channel_id, since)
select %(workspace)s::bigint, %(destination)s::bigint, asked.name, %(channel)s::bigint, clock_timestamp()
from unnest(%(names)s::text[]) as asked(name)
on conflict (destination_id, name) do update
    set since = case when a.channel_id is not distinct from excluded.channel_id then a.since else excluded.since end,
        channel_id = excluded.channel_id

-- asked_for
-- The names that a destination asks for, and the channel.
select coalesce(array_agg(a.name order by a.name), '{}'), min(c.slug)
from channels_asked a
left join channels_channel c on c.id = a.channel_id
where a.destination_id = %(destination)s::bigint

-- let_go
-- What has not gone out yet stays at home.
update channels_delivery y
set state = 'refused', reason = 'no_destination', ended_at = now()
where y.destination_id = %(destination)s::bigint and y.state in ('waiting', 'failed')
