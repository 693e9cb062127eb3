"""Erasures, with what each took away and its certificate; and keyed hashes of people who are not to be stored again.

Both are truth: a rebuild leaves them, a journal beside the backups has them too (cdp/pipeline/privacy/journal.py).
"""

from typing import Any

from django.db import migrations

from kernel import planner

TABLES = """
create table profiles_erasure (
    workspace_id int not null,
    id uuid not null,
    asked_at timestamptz not null default now(),
    ended_at timestamptz,
    actor text not null,
    reason text not null,
    suppress boolean not null,
    state text not null default 'waiting',  -- waiting, erased (in the database), done, failed
    keys uuid[] not null,                  -- keyed hashes: at first of what was named, then of all that was erased
    certificate jsonb,
    checked jsonb,                         -- what the last look found
    primary key (workspace_id, id)
);
alter table profiles_erasure alter column certificate set statistics 0;
alter table profiles_erasure alter column checked set statistics 0;
create table profiles_suppressed (
    workspace_id int not null,
    key uuid not null,                     -- HMAC of (workspace, kind, namespace, value), as an identifier's
    erasure uuid not null,
    met bigint not null default 0,         -- batches in which it came again
    met_at timestamptz,
    primary key (workspace_id, key)
);
"""


# An audit row is never changed but by an erasure, which says so for its transaction: a reason may name the person.
KEPT = """
create or replace function kernel_audit_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and current_setting('huiliu.retention', true) = 'on' then
        return old;
    end if;
    if tg_op = 'UPDATE' and current_setting('huiliu.erasing', true) = 'on' then
        return new;
    end if;
    raise exception 'kernel_audit is only added to' using errcode = 'restrict_violation',
        hint = 'Rows whose time is over go where huiliu.retention is on.';
end $$;
"""


def plain(_apps: Any, schema_editor: Any) -> None:
    planner.without_workspaces(schema_editor.connection, "profiles")


class Migration(migrations.Migration):
    dependencies = [("profiles", "0013_consent"), ("kernel", "0008_member_channels")]
    operations = [
        migrations.RunSQL(TABLES, "drop table profiles_erasure; drop table profiles_suppressed"),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunPython(plain, migrations.RunPython.noop),
    ]
