"""What is slow is tried smaller and later: the pace of a workspace, the rest of a request."""

from django.db import migrations

PACE = """
alter table channels_inbox_open add column slow smallint not null default 0, add column rest_until timestamptz;
create table channels_pace (
    workspace_id bigint primary key,
    width integer not null,  -- messages of a batch
    failures integer not null,  -- in a row
    next_try timestamptz not null,
    since timestamptz not null,  -- its first failure
    at timestamptz not null,  -- its last one, and what that was at
    stage text not null,
    statement text not null,
    blocked boolean not null
);
"""
BACK = """
drop table channels_pace;
alter table channels_inbox_open drop column slow, drop column rest_until;
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0003_open_rejects")]
    operations = [migrations.RunSQL(PACE, BACK)]
