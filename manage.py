#!/usr/bin/env python
"""The door to every command: `python manage.py help`. Commands find, or start, the databases of this checkout."""

import os
import sys
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent / ".env"
OLDEST = (3, 11)
ASKING = {"--help", "-h", "--version"}
BEFORE_TABLES = {"check", "makemigrations", "migrate", "prepare", "showmigrations", "sqlmigrate", "test"}
WITHOUT_DATABASE = {"assets", "collectstatic", "help", "messages", "up", "version"}


def prepare() -> None:
    """A command that comes before any `make run` finds the tables too."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("prepare", served=True, login=False)  # `up` makes its own


def main() -> None:
    """Run one command, on the databases of a running `make run` or on databases of its own."""
    if sys.version_info < OLDEST:
        sys.exit(f"Huiliu needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if sys.argv[1:] in (["--version"], ["version"]):  # ours: Django's own is asked of django-admin
        from kernel.version import version

        print(version())
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    if ENV_FILE.exists():
        import environ

        environ.Env.read_env(ENV_FILE)
    words = set(sys.argv[1:])
    if sys.argv[1:2] == ["up"] and not words & ASKING:  # without Django: it only runs the others
        from cdp.run import supervisor

        sys.exit(supervisor.main(sys.argv[2:]))
    from django.core.management import execute_from_command_line

    if len(sys.argv) < 2 or sys.argv[1] in WITHOUT_DATABASE or words & ASKING:
        execute_from_command_line(sys.argv)
        return
    from cdp.run.databases import borrowed
    from kernel.errors import Trouble

    try:
        with borrowed() as ours:
            if ours and sys.argv[1] not in BEFORE_TABLES:
                prepare()
            execute_from_command_line(sys.argv)
    except Trouble as trouble:
        sys.exit(f"{sys.argv[1]}: {trouble}")


if __name__ == "__main__":
    main()
