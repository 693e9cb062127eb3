"""Who may sign in: made, listed, given another password or role. Commands call this. Not here: what a role may do
(access.py), tokens of the read API (access.py).
"""

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from kernel.errors import BadRequest, Conflict, NotFound
from kernel.models import Member, Role, Workspace

FIRST = "admin"  # the login of a new installation
WORD_BYTES = 12  # of a password that we make: 16 letters


def made_word() -> str:
    """A password nobody can guess, to be shown once."""
    return secrets.token_urlsafe(WORD_BYTES)


def add(name: str, word: str, role: str, workspace: Workspace) -> User:
    """A person with a role in a workspace, who signs in with this password."""
    if User.objects.filter(username__iexact=name).exists():
        raise Conflict(
            f"The name '{name}' is taken: choose another one, or give that person a role by "
            f"`manage.py user role {name}`, a password by `manage.py user password {name}`."
        )
    user = User(username=name)
    _check_name(user)
    _set_word(user, word)
    with transaction.atomic():
        user.save()
        Member.objects.create(workspace=workspace, user=user, role=_role(role))
    return user


def first(word: str, workspace: Workspace) -> User:
    """The admin of an installation in which nobody can sign in; who only held tokens by that name gets a password."""
    user = User.objects.filter(username=FIRST).first()
    if user is None:
        return add(FIRST, word, Role.ADMIN, workspace)
    change_role(FIRST, Role.ADMIN, workspace)
    return change_word(FIRST, word)


def change_word(name: str, word: str) -> User:
    """Another password; open sessions end with the old one."""
    user = _user(name)
    _set_word(user, word)
    user.save(update_fields=["password"])
    return user


def change_role(name: str, role: str, workspace: Workspace) -> User:
    """Another role in a workspace, or a first one there."""
    user = _user(name)
    Member.objects.update_or_create(workspace=workspace, user=user, defaults={"role": _role(role)})
    return user


def listed() -> Iterable[dict[str, Any]]:
    """Everybody by name: the roles by workspace, and whether they can sign in."""
    roles: dict[int, dict[str, str]] = {}
    for user, slug, role in Member.objects.order_by("workspace_id").values_list(
        "user_id", "workspace__slug", "role"
    ):
        roles.setdefault(user, {})[slug] = role
    for one in User.objects.order_by("username"):
        signs_in = one.is_active and one.has_usable_password()
        yield {"user": one.username, "roles": roles.get(one.pk, {}), "signs_in": signs_in}


def nobody() -> bool:
    """Whether nobody at all can sign in; who only holds tokens cannot."""
    return not User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists()


def _user(name: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        raise NotFound(f"There is no user '{name}': `manage.py user list` shows them.")
    return found


def _role(role: str) -> str:
    if role not in Role.values:
        raise BadRequest(f"There is no role '{role}': it is one of {', '.join(Role.values)}.")
    return role


def _set_word(user: User, word: str) -> None:
    try:
        validate_password(word, user)
    except ValidationError as wrong:
        raise BadRequest(f"The password cannot be used: {' '.join(wrong.messages)}") from wrong
    user.set_password(word)


def _check_name(user: User) -> None:
    try:
        user.clean_fields(exclude={"password"})
    except ValidationError as wrong:
        raise BadRequest(f"The name '{user.username}' cannot be used: {' '.join(wrong.messages)}") from wrong
