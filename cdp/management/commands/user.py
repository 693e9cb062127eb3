"""`manage.py user add NAME --role R`, `user list`, `user password NAME`, `user role NAME --role R`.

Not here: what they do (kernel/web/logins.py), the first login of an installation (prepare).
"""

import getpass
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels import setup
from kernel import audit
from kernel.errors import Refused
from kernel.models import Role
from kernel.people import members
from kernel.web import logins


class Command(BaseCommand):
    """Who may sign in."""

    requires_system_checks = ()
    help = "Add a person who signs in, list all, change a password or a role; prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """`add`, `list`, `password`, `role`."""
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="a new person with a role in a workspace")
        word = actions.add_parser("password", help="another password; the sessions of the old one end")
        role = actions.add_parser("role", help="another role in a workspace, or a first one there")
        actions.add_parser("list", help="everybody, one JSON object a line")
        for each in (add, word, role):
            each.add_argument("name", help="what they sign in with")
        for each in (add, role):
            each.add_argument("--role", required=True, choices=Role.values)
            each.add_argument("--workspace", default=setup.MAIN, help="slug of the workspace (main)")
        for each in (add, word):
            each.add_argument(
                "--password-stdin",
                action="store_true",
                help="the password is the first line of the input; else a terminal is asked, and where there is none "
                "a password is made and printed",
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, one call, answer."""
        try:
            for line in _done(options):
                self.stdout.write(json.dumps(line, ensure_ascii=False))
        except Refused as trouble:
            raise CommandError(str(trouble)) from trouble


def _done(options: dict[str, Any]) -> list[dict[str, Any]]:
    """What is printed, a line each."""
    action, name = options["action"], options.get("name", "").strip()
    if action == "list":
        return list(logins.listed())
    if action == "password":
        word, made = _word(options["password_stdin"])
        user = logins.change_word(name, word)
        for number in members.everywhere(user):
            audit.note(number, audit.COMMAND, "member.password", name)
        return [{"user": name} | made]
    role, place = options["role"], setup.workspace(options["workspace"])
    if action == "role":
        logins.change_role(name, role, place)
        audit.note(place.pk, audit.COMMAND, "member.role", name, after=role)
        return [{"user": name, "role": role, "workspace": place.slug}]
    word, made = _word(options["password_stdin"])
    logins.add(name, word, role, place)
    audit.note(place.pk, audit.COMMAND, "member.add", name, role=role)
    return [{"user": name, "role": role, "workspace": place.slug} | made]


def _word(from_stdin: bool) -> tuple[str, dict[str, str]]:
    """The password, and what is to be printed of it: only one that we made."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), {}
    if not sys.stdin.isatty():
        word = logins.made_word()
        return word, {"password": word}
    word = getpass.getpass("Password: ")
    if word != getpass.getpass("The same again: "):
        raise CommandError("The two passwords differ: nothing was changed.")
    return word, {}
