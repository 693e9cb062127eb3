"""What pages say of connectors: categories, which way data comes, why deliveries are refused, what a state asks for.

Everything of one kind alone is said by the kind (channels/connectors/). Not here: judging (channels/health.py).
"""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels import health
from channels.connect import setup as connecting
from channels.connectors.base import API, FILE, HOOK, PULL, ConnectorKind
from channels.inbox import unsigned
from kernel.web import format

CATEGORIES: Final = MappingProxyType(
    {
        "api": gettext_lazy("Sites, apps and servers"),
        "shop": gettext_lazy("Shops and marketplaces"),
        "payment": gettext_lazy("Payment"),
        "message": gettext_lazy("Messages and service"),
        "erp": gettext_lazy("ERP and stock"),
        "file": gettext_lazy("Files"),
        "database": gettext_lazy("Databases and APIs we read"),
        "other": gettext_lazy("Everything else"),
    }
)
# Which way data comes: its icon, and the words.
WAYS: Final = MappingProxyType(
    {
        API: ("key", gettext_lazy("you send with a write key")),
        HOOK: ("plug", gettext_lazy("the platform posts to us")),
        FILE: ("upload", gettext_lazy("you hand over files")),
        PULL: ("download", gettext_lazy("we fetch it")),
    }
)
# Why a delivery was not taken, and what to do: what the kinds' checks raise.
REFUSALS: Final = MappingProxyType(
    {
        "no_secret": (
            gettext_lazy("the secret to check it by was not set here"),
            gettext_lazy("Set it below, as it stands on the platform."),
        ),
        "no_signature": (
            gettext_lazy("it carried no signature"),
            gettext_lazy("Is it the platform that posts here? Look whether signing is switched on there."),
        ),
        "bad_signature": (
            gettext_lazy("its signature was not right"),
            gettext_lazy(
                "Copy the secret from the platform once more; look whether a proxy between it and us changes bodies."
            ),
        ),
        "stale": (
            gettext_lazy("it was signed too long ago"),
            gettext_lazy("Look at the clocks of the platform's server and of this one."),
        ),
        "bad_key": (
            gettext_lazy("the key that is set here cannot be read"),
            gettext_lazy("Copy it whole, from its first line to its last."),
        ),
        "unknown_key": (
            gettext_lazy("it was signed with a key that is not set here"),
            gettext_lazy("Add the platform's new key or certificate below, beside the old one."),
        ),
        "expired_key": (
            gettext_lazy("it was signed with a certificate that has expired"),
            gettext_lazy("Fetch the new one from the platform and set it below."),
        ),
        "not_encrypted": (
            gettext_lazy("it was not encrypted"),
            gettext_lazy("Choose the encrypted mode on the platform."),
        ),
        "wrong_shop": (
            gettext_lazy("it was of another shop or account"),
            gettext_lazy("Compare the shop in the settings below with the one that posts here."),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Way:
    """Which way data comes."""

    icon: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was refused for its signature in seven days."""

    said: str
    why: str
    do: str
    last: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a state means for who looks."""

    tone: str
    title: str
    text: str


def label(name: str) -> str:
    """A kind's name for people; of one that this version does not know the name itself."""
    kind = connecting.known(name)
    return str(kind.label) if kind else name


def way(kind: ConnectorKind) -> Way:
    """Which way data of a kind comes."""
    icon, words = WAYS[kind.direction]
    return Way(icon, str(words))


def refusal(one: unsigned.Refused | None) -> Refusal | None:
    """In words; nothing when nothing was refused."""
    if one is None:
        return None
    known = REFUSALS.get(one.code)
    said = ngettext(
        "%(n)s delivery was refused for its signature in 7 days",
        "%(n)s deliveries were refused for their signature in 7 days",
        one.times,
    )
    why = str(known[0]) if known else _("the platform's check says “%(code)s”") % {"code": one.code}
    do = str(known[1]) if known else _("Compare the settings and secrets below with those on the platform.")
    return Refusal(said=said % {"n": format.number(one.times)}, why=why, do=do, last=one.last)


def notice(one: health.Health, refused: unsigned.Refused | None, kind: ConnectorKind | None) -> Notice | None:
    """What a connector's state means; nothing while all is well."""
    if kind is None:
        return Notice(
            "warn",
            _("A newer version made this connector"),
            _("Its kind is not known here: what it sends stays as it came until this server is updated."),
        )
    state = health.outside(one, refused.last if refused else None)
    if state == "paused":
        return Notice("warn", _("This connector is paused"), _paused(kind))
    if state == "failing":
        return Notice(
            "bad", _failing(one), _("What was refused is not kept: the platform has to send it again.")
        )
    if state == "rejecting":
        return Notice("bad", _rejecting(one), _("Nothing is lost: mend what is wrong, then replay them."))
    if state == "silent" and one.last is not None:
        return Notice(
            "bad" if one.level == "bad" else "warn",
            _("Nothing has arrived since %(time)s") % {"time": format.moment(one.last)},
            _silent(one, kind),
        )
    if one.state == "new":
        return Notice("note", _("Waiting for the first delivery"), _new(kind))
    return None


def _paused(kind: ConnectorKind) -> str:
    if kind.direction in (API, HOOK):
        return _("What is sent to it is refused and not kept; senders that try again bring it later.")
    return _("Nothing is taken until it goes on.")


def _failing(one: health.Health) -> str:
    if one.last is None:
        return _("Failing: every delivery so far was refused for its signature")
    return _("Failing: since %(time)s every delivery was refused for its signature") % {
        "time": format.moment(one.last)
    }


def _rejecting(one: health.Health) -> str:
    return _("%(n)s of %(all)s messages of 24 h were rejected") % {
        "n": format.number(one.counts.rejected),
        "all": format.number(one.counts.received),
    }


def _silent(one: health.Health, kind: ConnectorKind) -> str:
    if one.level == "bad" or one.state == "quiet":
        return _("On most days it sends in these hours: look on the other side, there is no error here.")
    if kind.direction == HOOK:
        return _(
            "It may be that nothing happened; else look whether the platform still has the hook's address."
        )
    return _("It may be that nothing happened there.")


def _new(kind: ConnectorKind) -> str:
    if kind.direction in (API, HOOK):
        return _("Send one: this page notices it by itself.")
    return _("The first one shows here.")
