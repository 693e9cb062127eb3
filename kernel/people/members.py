"""Who belongs to a workspace: invited, given another role, let go; their passwords. Pages and API call this.

An invitation is a link to set a password, good for seven days, until it was used or a newer one was made. Whoever has
it is that person: it is shown to the admin alone, who hands it on, and never made for who belongs to another workspace
too, where this admin has no say. Not here: passwords by command (kernel/web/logins.py), signing in.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from kernel.errors import BadRequest, Conflict, NotFound
from kernel.models import ApiToken, Member, Role, Workspace
from kernel.periods import utc_text
from kernel.web import access

LONGEST: Final = 150  # characters of a user name


class Link(NamedTuple):
    """A way to set a password. `path`: of a page of ours; until when."""

    path: str
    until: str


class Invitations(PasswordResetTokenGenerator):
    """Django's own tokens: they end with the first use and after PASSWORD_RESET_TIMEOUT; ours also with a newer one."""

    key_salt = "huiliu.invitation"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        newest = Member.objects.filter(user=user).aggregate(at=Max("link_until"))["at"]
        return f"{super()._make_hash_value(user, timestamp)}{newest and newest.timestamp()}"


INVITATIONS: Final = Invitations()


def listed(workspace: Workspace) -> list[Member]:
    """The members, admins first, by name."""
    order = {Role.ADMIN.value: 0, Role.ANALYST.value: 1, Role.VIEWER.value: 2}
    found = Member.objects.filter(workspace=workspace).select_related("user")
    return sorted(found, key=lambda one: (order.get(one.role, 3), one.user.get_username()))


def one(workspace: Workspace, number: int) -> Member:
    """A member by the number that lists say."""
    found = Member.objects.filter(workspace=workspace, pk=number).select_related("user").first()
    if found is None:
        raise NotFound(_("There is no such member in this workspace."))
    return found


def invite(workspace: Workspace, email: str, role: str) -> tuple[Member, Link | None]:
    """A new member; a link where they have no password yet, who has one signs in with it as ever."""
    name = email.strip().lower()
    try:
        validate_email(name)
    except ValidationError:
        raise BadRequest(
            _("“%(text)s” is not an e-mail address.") % {"text": email[:100]}, "bad_email"
        ) from None
    if len(name) > LONGEST:
        raise BadRequest(_("The e-mail address is too long."), "bad_email")
    with transaction.atomic():
        user = User.objects.filter(username__iexact=name).first()
        if user is None:
            user = User(username=name, email=name)
            user.set_unusable_password()
            user.save()
        if Member.objects.filter(workspace=workspace, user=user).exists():
            raise Conflict(_("%(name)s is a member already.") % {"name": name})
        member = Member.objects.create(workspace=workspace, user=user, role=_role(role))
    return member, None if user.has_usable_password() or elsewhere(member) else link(member)


def link(member: Member) -> Link:
    """A way to set a password, the first or another; Conflict for who belongs elsewhere too."""
    user = member.user
    if elsewhere(member):
        raise Conflict(
            _("%(name)s belongs to another workspace too: `manage.py user password` sets another password.")
            % {"name": user.get_username()}
        )
    key = urlsafe_base64_encode(force_bytes(user.pk))
    until = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    member.link_until = until
    member.save(update_fields=["link_until"])
    return Link(f"/invitation/{key}/{INVITATIONS.make_token(user)}/", str(utc_text(until)))


def elsewhere(member: Member) -> bool:
    """Whether they belong to another workspace too, or to all: no admin of this one makes a link for them."""
    others = Member.objects.filter(user=member.user).exclude(workspace=member.workspace_id)
    return bool(member.user.is_superuser) or others.exists()


def invited(key: str, token: str) -> User | None:
    """Whose link it is; None for one that is over, used, of somebody let go meanwhile, or none of ours."""
    try:
        number = int(urlsafe_base64_decode(key).decode())
    except (ValueError, UnicodeDecodeError):
        return None
    here = User.objects.filter(pk=number, is_active=True, member__isnull=False)
    user = here.first() if number < 2**31 else None
    return user if user is not None and INVITATIONS.check_token(user, token) else None


def everywhere(user: User) -> list[int]:
    """The workspaces somebody belongs to."""
    return list(Member.objects.filter(user=user).values_list("workspace_id", flat=True))


def set_word(user: User, word: str) -> None:
    """The password that somebody chose by their link; it is over with that."""
    _checked(user, word)
    with transaction.atomic():
        user.set_password(word)
        user.save(update_fields=["password"])
        Member.objects.filter(user=user).update(link_until=None)


def change_word(user: User, old: str, new: str) -> None:
    """Another password of one's own; links to set one are over, as are sessions elsewhere."""
    if not user.check_password(old):
        raise BadRequest(_("That is not your password."), "wrong_password")
    set_word(user, new)


def _checked(user: User, word: str) -> None:
    try:
        validate_password(word, user)
    except ValidationError as wrong:
        raise BadRequest(" ".join(wrong.messages), "bad_password") from wrong


def change_role(member: Member, role: str) -> None:
    """Another role; the last admin keeps his. No token of theirs reaches further than they do."""
    wanted = _role(role)
    with transaction.atomic():
        _someone_left(member, wanted)
        further = [one for one in Role.values if not access.reaches(wanted, one)]
        _tokens(member).filter(role__in=further).update(role=wanted)
        Member.objects.filter(pk=member.pk).update(role=wanted)
        member.role = wanted


def bind(member: Member, channels: Collection[int]) -> None:
    """Whose people they are; none: no channel's. The last admin is nobody's, or nobody could let people in."""
    with transaction.atomic():
        if channels:
            _someone_left(member, "")
        Member.objects.filter(pk=member.pk).update(channels=sorted(channels))
        member.channels = sorted(channels)


def let_go(member: Member) -> None:
    """Out of the workspace, their tokens with them; what they did stays."""
    with transaction.atomic():
        _someone_left(member, "")
        _tokens(member).update(revoked_at=timezone.now())
        Member.objects.filter(pk=member.pk).delete()


def irreplaceable(member: Member) -> bool:
    """Whether nobody else could let people in."""
    return [member.pk] == [one.pk for one in _admins(member)]


def _tokens(member: Member) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(workspace=member.workspace_id, user=member.user_id, revoked_at=None)


def _admins(member: Member, *, held: bool = False) -> list[Member]:
    """The admins of a member's workspace who can sign in. `held`: until the transaction ends."""
    found = Member.objects.select_for_update(of=("self",)) if held else Member.objects.all()
    admins = found.filter(workspace=member.workspace_id, role=Role.ADMIN, user__is_active=True, channels=[])
    return [one for one in admins.select_related("user") if one.user.has_usable_password()]


def _someone_left(member: Member, role: str) -> None:
    """Whoever takes the last admin's role away locks everybody out."""
    if role != Role.ADMIN and [member.pk] == [one.pk for one in _admins(member, held=True)]:
        raise Conflict(_("A workspace has at least one admin who can sign in: make another one first."))


def _role(role: str) -> str:
    if role not in Role.values:
        raise BadRequest(
            _("There is no role “%(role)s”: it is one of %(all)s.")
            % {"role": role[:40], "all": ", ".join(Role.values)},
            "bad_role",
        )
    return role
