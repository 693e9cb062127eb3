-- What facts and records leave behind: orders and their ledger, answers, tickets, records, roll-ups of money.
-- Not here: customers counted (span_schema.sql). Workspace first in every key; no foreign keys.

-- Orders ---------------------------------------------------------------------------------------------------------

-- A lock row per order number: all orders of a number are made anew together.
create table metrics_order_ref (
    workspace_id int not null,
    order_id text collate "C" not null,
    primary key (workspace_id, order_id)
);

-- Every message that speaks of an order. The orders below follow from these alone.
create table metrics_order_message (
    workspace_id int not null,
    order_id text collate "C" not null,
    id uuid not null,                      -- the event's
    occurred_at timestamptz not null,
    message_id text not null,
    kind text not null,                    -- a row of kernel/vocabulary.py
    key text not null,                     -- the fact's own: refund_id, payment_id …
    channel_id int not null,               -- the message's own
    order_channel_id int,                  -- the one that `order_channel` named
    connector_id int not null,
    sighting_id bigint,
    data text not null,                    -- JSON: the cleaned fields, amounts as strings
    primary key (workspace_id, order_id, id)
);
alter table metrics_order_message alter column data set statistics 0;
create index metrics_order_message_sighting on metrics_order_message (workspace_id, sighting_id);
create index metrics_order_message_event on metrics_order_message (workspace_id, id);

create table metrics_order (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,
    occurred_at timestamptz not null,
    day date not null,                     -- in the workspace's zone, as every day here
    event_id uuid not null,                -- the message that gave it its time
    message_id text not null,              -- its messageId: settles ties
    sighting_id bigint,                    -- its customer; null: nobody known
    currency text not null,
    total numeric not null,
    refunded numeric not null,             -- refunds and cancellation together, never above the total
    cancelled_at timestamptz,
    state text not null,                   -- open, part_refunded, refunded, cancelled
    tax numeric,
    shipping numeric,
    discount numeric,
    coupon text,
    store text,
    reason text,                           -- of the cancellation
    primary key (workspace_id, order_id, channel_id)
);
create index metrics_order_sighting on metrics_order (workspace_id, sighting_id, occurred_at);
create index metrics_order_day on metrics_order (workspace_id, day, channel_id);

create table metrics_order_line (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,
    line int not null,                     -- from 0, as in products[]
    sku text collate "C" not null,
    occurred_at timestamptz not null,      -- the order's
    day date not null,
    quantity numeric not null,
    price numeric,
    discount numeric,
    currency text not null,
    name text not null,
    category text not null,
    brand text not null,
    own_cost numeric,                      -- as the line said it
    unit_cost numeric,                     -- own_cost, else of the cost record valid at the sale; null: missing
    cost_currency text,
    cost_day date,                         -- whose rate converts it
    primary key (workspace_id, order_id, channel_id, line)
);
create index metrics_order_line_sku on metrics_order_line (workspace_id, sku, occurred_at);

-- Refunds, and the cancellation as one.
create table metrics_refund (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,               -- the order's
    kind text not null,                    -- refund, cancel
    service_channel_id int not null,       -- its own
    key text collate "C" not null,
    occurred_at timestamptz not null,
    day date not null,
    order_day date not null,               -- whose rate converts it
    event_id uuid not null,
    currency text not null,
    asked numeric,                         -- as said, or the worth of the lines named; null: all that is left
    amount numeric not null,               -- what counts
    excess numeric not null,               -- asked beyond what the order had left
    reason text,
    primary key (workspace_id, order_id, channel_id, kind, service_channel_id, key)
);
create index metrics_refund_day on metrics_refund (workspace_id, day, channel_id);

create table metrics_return (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,
    service_channel_id int not null,       -- where the goods came back
    key text collate "C" not null,
    occurred_at timestamptz not null,
    requested_at timestamptz,
    received_at timestamptz,
    day date,                              -- of the receipt
    event_id uuid not null,
    store text,
    primary key (workspace_id, order_id, channel_id, service_channel_id, key)
);
create index metrics_return_day on metrics_return (workspace_id, day, channel_id);

-- Goods taken back, line by line: by returns received and by the cancellation.
create table metrics_return_line (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,
    kind text not null,                    -- return, cancel
    service_channel_id int not null,
    key text collate "C" not null,
    line int not null,                     -- the order's line; below 0: a product the order does not have
    sku text collate "C" not null,
    occurred_at timestamptz not null,
    day date not null,
    quantity numeric not null,             -- what counts
    excess numeric not null,               -- asked beyond what the line had left
    primary key (workspace_id, order_id, channel_id, kind, service_channel_id, key, line)
);

create table metrics_payment (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,
    service_channel_id int not null,
    key text collate "C" not null,
    occurred_at timestamptz not null,
    day date not null,
    started_at timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    state text not null,                   -- started, succeeded, failed
    amount numeric,
    currency text not null,
    method text,
    reason text,
    primary key (workspace_id, order_id, channel_id, service_channel_id, key)
);
create index metrics_payment_day on metrics_payment (workspace_id, day, channel_id);

create table metrics_shipment (
    workspace_id int not null,
    order_id text collate "C" not null,
    channel_id int not null,
    service_channel_id int not null,
    key text collate "C" not null,
    occurred_at timestamptz not null,
    day date not null,
    shipped_at timestamptz,
    delivered_at timestamptz,
    promised_at timestamptz,
    carrier text,
    primary key (workspace_id, order_id, channel_id, service_channel_id, key)
);
create index metrics_shipment_day on metrics_shipment (workspace_id, day, channel_id);

-- What speaks of an order and counts nothing yet, and why.
create table metrics_waiting (
    workspace_id int not null,
    order_id text collate "C" not null,
    id uuid not null,                      -- the event's
    reason text not null,                  -- unknown_order, not_unique, no_total, other_currency; paid_after_cancel
    kind text not null,
    channel_id int not null,
    order_channel_id int,
    occurred_at timestamptz not null,
    message_id text not null,
    amount numeric,
    currency text,
    primary key (workspace_id, order_id, id)
);
create index metrics_waiting_newest on metrics_waiting (workspace_id, occurred_at desc, id);

-- Answers, tickets, membership -----------------------------------------------------------------------------------

-- A lock row per fact that may be repeated.
create table metrics_fact_ref (
    workspace_id int not null,
    kind text collate "C" not null,        -- answer, ticket
    channel_id int not null,
    key text collate "C" not null,
    primary key (workspace_id, kind, channel_id, key)
);

create table metrics_fact_message (
    workspace_id int not null,
    kind text collate "C" not null,
    channel_id int not null,
    key text collate "C" not null,
    id uuid not null,
    occurred_at timestamptz not null,
    message_id text not null,
    event_kind text not null,              -- a row of kernel/vocabulary.py
    sighting_id bigint,
    data text not null,
    primary key (workspace_id, kind, channel_id, key, id)
);
alter table metrics_fact_message alter column data set statistics 0;

create table metrics_answer (
    workspace_id int not null,
    channel_id int not null,
    key text collate "C" not null,
    id uuid not null,                      -- of its earliest message
    message_id text not null,              -- its messageId: settles ties
    sighting_id bigint,
    occurred_at timestamptz not null,
    day date not null,
    satisfied boolean not null,
    score numeric not null,
    scale numeric not null,
    about text,
    text text,
    order_id text collate "C",
    primary key (workspace_id, channel_id, key)
);
alter table metrics_answer alter column text set statistics 0;
create index metrics_answer_sighting on metrics_answer (workspace_id, sighting_id, occurred_at);
create index metrics_answer_day on metrics_answer (workspace_id, day, channel_id);

create table metrics_ticket (
    workspace_id int not null,
    channel_id int not null,
    key text collate "C" not null,
    id uuid not null,
    sighting_id bigint,
    occurred_at timestamptz not null,
    day date not null,
    opened_at timestamptz,
    resolved_at timestamptz,
    first_response_at timestamptz,
    topic text,
    order_id text collate "C",
    primary key (workspace_id, channel_id, key)
);
create index metrics_ticket_sighting on metrics_ticket (workspace_id, sighting_id, occurred_at);
create index metrics_ticket_day on metrics_ticket (workspace_id, day, channel_id);

create table metrics_membership (
    workspace_id int not null,
    id uuid not null,
    channel_id int not null,
    sighting_id bigint,
    occurred_at timestamptz not null,
    day date not null,
    kind text not null,                    -- joined, upgraded
    tier text,
    primary key (workspace_id, id)
);
create index metrics_membership_sighting on metrics_membership (workspace_id, sighting_id, occurred_at);

-- Records: per key the later received wins (received_at, request, position). Channel 0: the workspace's -------------

create table metrics_product (
    workspace_id int not null,
    sku text collate "C" not null,
    at timestamptz not null,
    name text not null,
    category text not null,
    brand text not null,
    tags jsonb not null,
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, sku)
);
create index metrics_product_newest on metrics_product (workspace_id, at desc, id);

create table metrics_price (
    workspace_id int not null,
    channel_id int not null,
    sku text collate "C" not null,
    at timestamptz not null,
    day date not null,
    price numeric not null,
    currency text not null,
    list_price numeric,
    promotion text,
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, channel_id, sku, at)
);
create index metrics_price_sku on metrics_price (workspace_id, sku, channel_id, at desc);
create index metrics_price_newest on metrics_price (workspace_id, at desc, id);

create table metrics_stock (
    workspace_id int not null,
    channel_id int not null,
    sku text collate "C" not null,
    location text collate "C" not null,
    at timestamptz not null,
    day date not null,
    quantity numeric not null,
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, channel_id, sku, location, at)
);
create index metrics_stock_sku on metrics_stock (workspace_id, sku, channel_id, day);
create index metrics_stock_newest on metrics_stock (workspace_id, at desc, id);

create table metrics_cost (
    workspace_id int not null,
    channel_id int not null,
    sku text collate "C" not null,
    at timestamptz not null,
    day date not null,
    unit_cost numeric not null,
    currency text not null,
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, channel_id, sku, at)
);
create index metrics_cost_sku on metrics_cost (workspace_id, sku);
create index metrics_cost_newest on metrics_cost (workspace_id, at desc, id);

create table metrics_spend (
    workspace_id int not null,
    key text collate "C" not null,
    channel_id int not null,
    at timestamptz not null,
    rate_day date not null,                -- of `at`: whose rate converts it
    first date not null,
    last date not null,
    amount numeric not null,
    currency text not null,
    campaign text not null,
    medium text not null,
    kind text not null,                    -- acquisition, retention
    clicks numeric,
    impressions numeric,
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, key)
);
create index metrics_spend_newest on metrics_spend (workspace_id, at desc, id);
create index metrics_spend_first on metrics_spend (workspace_id, first, channel_id);

create table metrics_target (
    workspace_id int not null,
    metric text collate "C" not null,
    channel_id int not null,
    first date not null,
    last date,                             -- null: until the next one
    value numeric not null,
    at timestamptz not null,
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, metric, channel_id, first)
);
create index metrics_target_newest on metrics_target (workspace_id, at desc, id);

create table metrics_rate (
    workspace_id int not null,
    currency text collate "C" not null,
    at timestamptz not null,
    day date not null,
    rate numeric not null,                 -- workspace currency per one unit
    id uuid not null,
    received_at timestamptz not null,
    request uuid not null,
    position int not null,
    primary key (workspace_id, currency, at)
);
create index metrics_rate_newest on metrics_rate (workspace_id, at desc, id);

-- Roll-ups of money and goods: sums by day counted, channel, and the day and currency they are converted by ---------

create table metrics_rollup (
    workspace_id int not null,
    measure text collate "C" not null,     -- metrics/facts/amounts.py names them
    channel_id int not null,
    day date not null,
    rate_day date not null,
    currency text collate "C" not null,    -- '' for counts, but those of orders
    amount numeric not null,               -- never 0: such a row goes
    primary key (workspace_id, measure, channel_id, day, rate_day, currency)
) with (fillfactor = 80);

-- Currencies whose worth changed: profiles with orders in them are summed up again in the background.
create table metrics_owed (
    workspace_id int not null,
    currency text not null,
    primary key (workspace_id, currency)
);
