"""`manage.py prepare`: what a start needs laid down: tables, the workspace `main`, logins, translations, files.

Everything here is safe to repeat and quick when there is nothing to do. Not here: the demo's data (demo).
"""

import hashlib
import json
import shutil
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from cdp.run.embedded import passwords
from channels import setup
from channels.models import WriteKey
from kernel.errors import Refused
from kernel.models import Job, Member, Role, Workspace
from kernel.web import logins

OUR_APPS = ("kernel", "channels", "profiles", "metrics")
LOCK_KEY = 0x6875696C  # two hosts that start at once lay things down one after the other


class Command(BaseCommand):
    """Bring the database and the served files up to date."""

    help = "Bring database, workspace, translations and static files up to date; safe to repeat."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """`--served`, `--users`, `--no-login`, `--json`."""
        parser.add_argument(
            "--served", action="store_true", help="the served files are there already (containers)"
        )
        parser.add_argument(
            "--users", action="store_true", help="make the logins admin, analyst and viewer, not admin alone"
        )
        parser.add_argument(
            "--no-login",
            action="store_false",
            dest="login",
            help="make no login where nobody can sign in yet",
        )
        parser.add_argument("--json", action="store_true", help="say what there is as one JSON line")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Files first (they need no database), then the database."""
        if not options["served"]:
            files()
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [LOCK_KEY])
        try:
            migrate()
            with transaction.atomic():
                laid = lay(options["users"])
                first = None if options["users"] or not options["login"] else first_login()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [LOCK_KEY])
        if first:
            self.stdout.write(first)
        if options["json"]:
            self.stdout.write(json.dumps(laid))


def migrate() -> None:
    """All migrations of this version; a database that knows more of them is refused."""
    executor = MigrationExecutor(connection)
    known = executor.loader.disk_migrations
    applied = executor.loader.applied_migrations
    newer = sorted(f"{app}.{name}" for app, name in applied if app in OUR_APPS and (app, name) not in known)
    if newer:
        raise CommandError(
            f"the database was made by a newer version of Huiliu (it has {', '.join(newer)}): update Huiliu."
        )
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def lay(users: bool) -> dict[str, Any]:
    """The workspace everybody starts with, a key to send with, and who may sign in."""
    workspace = setup.workspace()
    shown = {}
    if users:
        word = passwords(settings.VAR)["LOGIN_PASSWORD"]
        for role in reversed(Role.values):
            login(role, word, role, workspace)
            shown[role] = word
    # who cancelled it gets it again by `manage.py demo`, not by the next start
    loaded = Job.objects.filter(kind="demo", state__in=["done", "cancelled"]).exists()
    return {"write_key": write_key(workspace), "logins": shown, "demo_loaded": loaded}


def login(name: str, word: str, role: str, workspace: Workspace) -> User:
    """A user with a role; the password is set once, a changed one stays."""
    user, made = User.objects.get_or_create(username=name)
    if made:
        user.set_password(word)
        user.save()
    Member.objects.get_or_create(workspace=workspace, user=user, defaults={"role": role})
    return user


def first_login() -> str | None:
    """Where nobody can sign in, an admin who can; what the operator must know of it."""
    if not logins.nobody():
        return None
    word, said = settings.ADMIN_PASSWORD, f"{logins.FIRST}, with the password of HUILIU_ADMIN_PASSWORD"
    if not word:
        beside_own = (
            settings.VAR / "secret"
        ).exists()  # databases of this checkout: what `up` shows is true then
        word = passwords(settings.VAR)["LOGIN_PASSWORD"] if beside_own else logins.made_word()
        said = f"{logins.FIRST} / {word}"
    try:
        logins.first(word, setup.workspace())
    except Refused as trouble:
        raise CommandError(f"HUILIU_ADMIN_PASSWORD: {trouble}") from trouble
    return f"The first login (name / password): {said}\nSee `manage.py user --help` for others, and to change it."


def write_key(workspace: Workspace) -> str:
    """A key of this workspace that is good: an existing one, else that of a first channel."""
    keys = WriteKey.objects.filter(connector__workspace=workspace, connector__enabled=True, revoked_at=None)
    found = keys.order_by("id").first()
    if found is not None:
        return found.key
    return setup.add_channel(workspace, "Getting started", "other").key


# ---- files ------------------------------------------------------------------------------------


def files() -> None:
    """Front-end packages, translations, collected static files; each only when something changed."""
    try:
        call_command("assets", stdout=sys.stderr)
    except CommandError as problem:
        if not (settings.BASE_DIR / "static" / "vendor").exists():
            raise
        sys.stderr.write(f"The pages keep their older front-end packages: {problem}\n")
    call_command("messages", compile=True, stdout=sys.stderr)
    stamp, wanted = settings.VAR / "static.txt", fingerprint()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(wanted)


def fingerprint() -> str:
    """Of everything that is served: path, size and time of our files, the lock of the packages."""
    ours = sorted(path for path in (settings.BASE_DIR / "static").rglob("*") if path.is_file())
    lines = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in ours]
    lines.append((settings.BASE_DIR / "requirements.txt").read_text())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
