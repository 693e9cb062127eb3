"""Tokens for the API: named, shown once, taken back. Not here: asking with one (kernel/web/access.py)."""

from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.errors import BadRequest, NotFound
from kernel.models import ApiToken, Member, Role, Workspace
from kernel.web import access

LONGEST_NAME: Final = 80
MOST_DAYS: Final = 3_660


def listed(workspace: Workspace, user: User | None) -> list[ApiToken]:
    """Those that work, newest first: a person's own; with None everybody's."""
    now = timezone.now()
    alive = Q(expires_at=None) | Q(expires_at__gt=now)
    found = ApiToken.objects.filter(alive, workspace=workspace, revoked_at=None).select_related("user")
    return list((found if user is None else found.filter(user=user)).order_by("-pk"))


def make(
    workspace: Workspace, user: User, name: str, role: str, days: int | None = None, scope: str = ""
) -> tuple[ApiToken, str]:
    """A token, and what is shown of it this once. It reaches no further than its owner; `days`: until it ends.

    `scope`: "summary" for one that reads the summary of a person by an identifier and nothing else.
    """
    if scope not in access.SCOPES:
        raise BadRequest(_("A token's scope is “summary”, or not given."), "bad_scope")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadRequest(
            _("A token's name has 1 to %(most)s characters: what it is for.") % {"most": LONGEST_NAME},
            "bad_name",
        )
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadRequest(_("A token lasts 1 to %(most)s days.") % {"most": f"{MOST_DAYS:,}"}, "bad_days")
    own = Member.objects.filter(workspace=workspace, user=user).values_list("role", flat=True).first()
    if role not in Role.values or not access.reaches(str(own), role):
        raise BadRequest(_("A token reaches at most as far as your own role."), "bad_role")
    text = access.make_token(workspace, user, role, scope)
    made = ApiToken.objects.get(digest=access.digest(text))
    made.name = " ".join(name.split())
    made.expires_at = timezone.now() + timedelta(days=days) if days else None
    made.save(update_fields=["name", "expires_at"])
    return made, text


def revoke(workspace: Workspace, user: User | None, number: int) -> ApiToken:
    """A token stops working at once. `user`: only his own; None: anybody's."""
    found = ApiToken.objects.filter(workspace=workspace, pk=number, revoked_at=None)
    if user is not None:
        found = found.filter(user=user)
    token = found.first()
    if token is None:
        raise NotFound(_("There is no such token."))
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    return token
