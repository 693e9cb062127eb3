-- Customers counted: for each measure and channel (0: all) the spans of days that make customers count.
-- Customers of [from, to] = sum(n) where first >= from and last <= to. Kept by customer_spans.py, read by query.py.
create table metrics_span (
    workspace_id int not null,
    measure text collate "C" not null,     -- active, cross, buyers, repeat, new, answered, satisfied
    channel_id int not null,               -- 0: all channels together
    first date not null,
    last date not null,
    n bigint not null,                     -- never 0: such a row goes
    primary key (workspace_id, measure, channel_id, first, last)
);
