"""Who was seen when, how long a link to set a password is good, and a record that the database itself keeps whole.

An audit row is never changed, and goes only where its time is over: who takes old rows away says so for his
transaction by `set local huiliu.retention = 'on'`.
"""

from django.db import migrations, models

KEPT = """
create function kernel_audit_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and current_setting('huiliu.retention', true) = 'on' then
        return old;
    end if;
    raise exception 'kernel_audit is only added to' using errcode = 'restrict_violation',
        hint = 'Rows whose time is over go where huiliu.retention is on.';
end $$;
create trigger kernel_audit_kept before update or delete on kernel_audit
    for each row execute function kernel_audit_kept();
create trigger kernel_audit_whole before truncate on kernel_audit
    for each statement execute function kernel_audit_kept();
"""
UNKEPT = """
drop trigger kernel_audit_kept on kernel_audit;
drop trigger kernel_audit_whole on kernel_audit;
drop function kernel_audit_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_tokens_named")]
    operations = [
        migrations.AddField("member", "seen_at", models.DateTimeField(null=True)),
        migrations.AddField("member", "link_until", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "audit", models.Index(fields=["workspace", "target", "-at"], name="kernel_audit_target")
        ),
        migrations.AddIndex(
            "audit", models.Index(fields=["workspace", "actor", "-at"], name="kernel_audit_actor")
        ),
        migrations.RunSQL(KEPT, UNKEPT),
    ]
