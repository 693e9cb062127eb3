"""Who may see and do what: the workspace and role of a request, tokens, masking of contact data.

A page asks for a role by `@require_role`, inside a view by `request.access.reaches`; the read API by `at_least`.

Not here: signing in (console/account/signin.py), what a page shows.
"""

import functools
import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeGuard, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.contrib.auth.views import redirect_to_login
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django_htmx.middleware import HtmxDetails
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from kernel.errors import NotAllowed, NoWorkspace
from kernel.models import ApiToken, Member, Role, Workspace

if TYPE_CHECKING:  # its module reads the settings, which name a class of this one
    from rest_framework.views import APIView

ORDER = {Role.VIEWER.value: 1, Role.ANALYST.value: 2, Role.ADMIN.value: 3}
TOKEN_BYTES = 32
PREFIX_LENGTH = 8
USED_EVERY = timedelta(minutes=1)
SESSION_KEY = "workspace"
LANGUAGE = "language"  # of a workspace's settings: what its pages speak to who has chosen none
SUMMARY = "summary"  # a scope of tokens: the summary of a person by an identifier, and nothing else
SCOPES = ("", SUMMARY)
WORKSPACE_HEADER = "X-Workspace"  # with each piece that a page asks for: the workspace it was made of


class AccessContext(NamedTuple):
    """The workspace a request is about, and what its sender may do there."""

    workspace: Workspace
    role: str
    members: tuple[Member, ...] = ()  # where else its sender belongs, this workspace among them
    channels: tuple[
        int, ...
    ] = ()  # whose people its sender is: they see what is made for these, and nothing else

    @property
    def masked(self) -> bool:
        """A viewer gets contact data masked."""
        return self.role == Role.VIEWER

    def reaches(self, wanted: str) -> bool:
        """Whether the role is at least the wanted one."""
        return reaches(self.role, wanted)


def reaches(role: str, wanted: str) -> bool:
    """Whether a role is at least the wanted one."""
    return ORDER.get(role, 0) >= ORDER[wanted]


# ---- the access of a request ------------------------------------------------------------------


class WorkspaceRequest(HttpRequest):
    """A request of a member, as views take it. Only declared: `put` writes `access` and `workspace` on Django's own."""

    user: User
    access: AccessContext
    workspace: Workspace  # the one it is about
    htmx: HtmxDetails


def put(request: HttpRequest, context: AccessContext) -> None:
    """Makes a request one of a member."""
    member = cast(WorkspaceRequest, request)
    member.access, member.workspace = context, context.workspace


def by_member(request: HttpRequest) -> TypeGuard[WorkspaceRequest]:
    """Whether whoever asks is signed in and belongs to a workspace."""
    return hasattr(request, "access")


def context_of(user: Any, slug: str = "") -> AccessContext | None:
    """The membership of a person: in the workspace named, else in the first one."""
    members = tuple(Member.objects.filter(user=user).select_related("workspace").order_by("workspace_id"))
    named = (member for member in members if member.workspace.slug == slug)
    found = next(named, None) or next(iter(members), None)
    return AccessContext(found.workspace, found.role, members, tuple(found.channels)) if found else None


class WorkspaceMiddleware:
    """Says on a request which workspace it is about; nothing for who is not signed in or belongs nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            context = context_of(request.user, request.session.get(SESSION_KEY, ""))
            if context:
                put(request, context)
                _note_seen(context)
                _speak(request, context.workspace)
                if request.headers.get(WORKSPACE_HEADER, context.workspace.slug) != context.workspace.slug:
                    return _made_anew()
        return self.get_response(request)


def _note_seen(context: AccessContext) -> None:
    """When they were last here, to the minute: no page has a write of its own."""
    now = timezone.now()
    own = next(one for one in context.members if one.workspace_id == context.workspace.pk)
    if own.seen_at is None or now - own.seen_at >= USED_EVERY:
        Member.objects.filter(pk=own.pk).update(seen_at=now)


def _speak(request: HttpRequest, workspace: Workspace) -> None:
    """The workspace's language, unless the person has chosen one."""
    said = workspace.settings.get(LANGUAGE)
    if said and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(said)
        request.LANGUAGE_CODE = translation.get_language()


def _made_anew() -> HttpResponse:
    """The person has gone to another workspace in another tab: a page is of one workspace, so all of it loads again."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})


OTHERS = _("You look after a channel: the statements of yours are open to you, no other pages.")
P = ParamSpec("P")


def require_role(
    wanted: str, *, of_channel: bool = False
) -> Callable[
    [Callable[Concatenate[WorkspaceRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """A page for members with at least this role; others are sent to sign in, or told no.

    `of_channel`: made for a channel's own people too, and shows them theirs alone. No other page is open to them.
    """

    def wrap(
        view: Callable[Concatenate[WorkspaceRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @functools.wraps(view)
        def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(_wanted(request))
            if not by_member(request):
                raise NoWorkspace(
                    str(_("You were let go, or never invited: an admin of a workspace can invite you."))
                )
            if not request.access.reaches(wanted):
                raise NotAllowed(str(_("Your role cannot open this page: ask an admin of the workspace.")))
            if request.access.channels and not of_channel:
                raise NotAllowed(str(OTHERS))
            return view(request, *args, **kwargs)

        return inner

    return wrap


def _wanted(request: HttpRequest) -> str:
    """Where one goes after signing in: what was asked for; of a form that was sent, the page where it stood."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    place = urlsplit(page)
    return place._replace(scheme="", netloc="", fragment="").geturl() or "/"


# ---- tokens -----------------------------------------------------------------------------------


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def make_token(workspace: Workspace, user: User, role: str, scope: str = "") -> str:
    """A new token of 256 random bits, shown this once. `scope`: one of SCOPES."""
    text = "hl_" + secrets.token_urlsafe(TOKEN_BYTES)
    prefix = text[:PREFIX_LENGTH]
    ApiToken.objects.create(
        workspace=workspace, user=user, role=role, scope=scope, digest=digest(text), prefix=prefix
    )
    return text


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token …`. The token's workspace and role hold, whatever else its user may do."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiToken] | None:
        """The user and token of the header; None when there is no such header."""
        word, _gap, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if word.lower() != "token" or not text:
            return None
        found = ApiToken.objects.filter(
            digest=digest(text.strip()), revoked_at=None, user__is_active=True
        ).select_related("user", "workspace")
        own = Member.objects.filter(workspace=OuterRef("workspace"), user=OuterRef("user"))
        found = found.annotate(channels=Subquery(own.values("channels")[:1]))
        token = found.first()
        if token is None or (token.expires_at and token.expires_at <= timezone.now()):
            raise exceptions.AuthenticationFailed(str(_("This token is unknown, expired or revoked.")))
        if token.scope and token.scope != getattr(request.parser_context.get("view"), "scope", ""):
            raise exceptions.PermissionDenied(str(_("This token reads people's summaries and nothing else.")))
        _note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing token a 401, not a 403."""
        return "Token"


def _note_use(token: ApiToken) -> None:
    """When it was last used, to the minute: no call has a write of its own."""
    now = timezone.now()
    if token.used_at is None or now - token.used_at >= USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def api_context(request: Request) -> AccessContext:
    """The workspace and role of an API request, by token or by session."""
    if isinstance(request.auth, ApiToken):
        channels = (
            getattr(request.auth, "channels", None) or ()
        )  # of its owner: put there by who authenticated it
        return AccessContext(request.auth.workspace, request.auth.role, (), tuple(channels))
    asked = request._request  # Django's own, on which the middleware has put it
    if isinstance(request.successful_authenticator, authentication.SessionAuthentication) and by_member(
        asked
    ):
        return asked.access
    slug = request.session.get(SESSION_KEY, "") if hasattr(request, "session") else ""
    found = context_of(request.user, slug)
    if found is None:
        raise exceptions.PermissionDenied(str(_("You are not a member of any workspace yet: ask an admin.")))
    return found


class AtLeast(permissions.BasePermission):
    """`permission_classes = [at_least("analyst")]`."""

    wanted = Role.VIEWER.value

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Signed in, with the role or more."""
        if not request.user or not request.user.is_authenticated:
            return False
        context = api_context(request)
        if context.channels and not getattr(view, "of_channel", False):
            self.message = str(OTHERS)
            return False
        return context.reaches(self.wanted)


def at_least(role: str) -> type[AtLeast]:
    """A permission class for a role."""
    return type(f"AtLeast{role.title()}", (AtLeast,), {"wanted": role})


# ---- masking ----------------------------------------------------------------------------------

PHONE_NAMES = frozenset({"phone", "mobile", "tel", "telephone", "phonenumber", "phone_number"})
MAIL_NAMES = frozenset({"email", "mail", "email_address"})
PLACE_NAMES = frozenset({"address", "street", "street_address", "postal_code", "zip"})
PERSON_NAMES = frozenset({"wechat_id", "id_number", "recipient", "receiver"})
CONTACT_NAMES = PHONE_NAMES | MAIL_NAMES | PLACE_NAMES | PERSON_NAMES
CALLED = frozenset(  # what somebody is called
    {
        "name",
        "full_name",
        "fullname",
        "nickname",
        "first_name",
        "firstname",
        "last_name",
        "lastname",
        "customer",
    }
)
DOTS = "••••"
EMAIL = re.compile(
    r"[^\s@\"'<>,;:]{1,64}@[^\s@\"'<>,;:]{1,255}|[\w.+\-]{1,64}%40[\w.\-]{1,255}"  # the second: inside an address
)
# An international number, or a Chinese mobile one however grouped: nothing else can be told from an order number.
# Before it no letter or digit, unless as part of a percent escape: no hexadecimal id is cut.
PHONE = re.compile(
    r"(?:(?<![A-Za-z0-9.])|(?<=%[0-9A-Fa-f]{2}))"
    r"(?:(?:\+|00|%2[Bb])\d[\d \-()]{6,16}\d|(?:86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2})(?![A-Za-z0-9])"
)
# In a name nothing stands for an order: a mobile number is one even where it is glued to letters.
PHONE_OF_NAME = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
# Written wide, as a Chinese keyboard does.
WIDE = str.maketrans("０１２３４５６７８９＠＋", "0123456789@+")
MAX_DEPTH = 40


def mask_phone(value: str) -> str:
    """`+8613812345021` -> `138 •••• 5021`: length kept in feeling, not in digits."""
    digits = re.sub(r"\D", "", value)
    if value.startswith("+86") and len(digits) > 11:
        digits = digits[2:]
    return f"{digits[:3]} {DOTS} {digits[-4:]}" if len(digits) >= 9 else DOTS


def mask_email(value: str) -> str:
    """`lin@hemu.cn` -> `l•••@•••.cn`."""
    name, at, domain = value.replace("%40", "@").rpartition("@")
    if not at:
        return DOTS
    return f"{name[:1]}•••@•••.{domain.rpartition('.')[2]}"


def mask(kind: str, value: str) -> str:
    """A value as a viewer may see it; kinds that are no contact data pass."""
    if kind == "phone":
        return mask_phone(value)
    if kind == "email":
        return mask_email(value)
    return str(_field(kind, value, 0))  # a kind of one's own, `wechat_id` say, by its name


def _scrub_text(text: str) -> str:
    if not text.isascii():
        narrow = text.translate(WIDE)
        if narrow != text and _scrub_text(narrow) != narrow:  # else it stays as it was written
            text = narrow
    text = EMAIL.sub(lambda found: mask_email(found[0]), text)
    return PHONE.sub(lambda found: mask_phone(found[0]), text)


def scrub_name(text: str) -> str:
    """What somebody is called, with contact data in it masked."""
    shown = _scrub_text(text)
    narrow = shown.translate(WIDE)
    masked = PHONE_OF_NAME.sub(lambda found: mask_phone(found[0]), narrow)
    return shown if masked == narrow else masked


def scrub(value: Any, depth: int = 0) -> Any:
    """JSON with contact data masked, by the name of the field and by the look of the text."""
    if depth > MAX_DEPTH:
        return DOTS
    if isinstance(value, str):
        return _scrub_text(value)
    if isinstance(value, dict):
        return {_scrub_text(str(name)): _field(str(name), item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item, depth + 1) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and 10**9 < value < 10**15:
        text = _scrub_text(str(value))
        return value if text == str(value) else text
    return value


def _field(name: str, value: Any, depth: int) -> Any:
    """One field of an object."""
    lower = name.lower()
    if lower in CALLED and isinstance(value, str):
        return scrub_name(value)
    if lower not in CONTACT_NAMES or isinstance(value, bool) or not isinstance(value, str | int):
        return scrub(value, depth)
    if lower in MAIL_NAMES:
        return mask_email(str(value))
    return mask_phone(str(value)) if lower in PHONE_NAMES else DOTS
