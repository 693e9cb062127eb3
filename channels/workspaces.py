"""What a workspace is called, and what its days, its money and its pages are in; changed by its admins.

Days and amounts are counted in its zone and currency from the first event on: with that event both are fixed.
Not here: making one (setup.py), who belongs to it (kernel/people).
"""

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels import queries, setup
from channels.models import Channel
from kernel.errors import BadRequest, Conflict
from kernel.models import Workspace
from kernel.web import access

FIELDS: Final = ("name", "timezone", "currency", "language")
FIXED: Final = ("timezone", "currency")
WHY_FIXED: Final[dict[str, Promise]] = {
    "timezone": gettext_lazy(
        "Fixed since the first event arrived: every day and month was counted in this zone. "
        "Another zone takes a new workspace."
    ),
    "currency": gettext_lazy(
        "Fixed since the first event arrived: every amount was counted in it. "
        "Another currency takes a new workspace."
    ),
}


def fixed(place: Workspace) -> bool:
    """Whether zone and currency can no longer be changed."""
    return queries.anything_came(place.pk)


def language(place: Workspace) -> str:
    """What its pages speak to who has chosen none; "": what their browser asks for."""
    said = place.settings.get(access.LANGUAGE, "")
    return said if said in dict(settings.LANGUAGES) else ""


def shown(place: Workspace) -> dict[str, Any]:
    """What is set."""
    return {
        "name": place.name,
        "timezone": place.timezone,
        "currency": place.currency,
        "language": language(place),
    }


def change(place: Workspace, given: dict[str, str]) -> dict[str, Any]:
    """Sets what is given, all or nothing; what is different now, field by field: [before, after].

    Channels that had the zone or currency of their workspace follow it. BadRequest for what cannot be, Conflict for
    what is fixed.
    """
    wanted = {name: READERS[name](value) for name, value in given.items()}
    with transaction.atomic():
        held = Workspace.objects.select_for_update().get(pk=place.pk)
        before = shown(held)
        changed = {name: [before[name], value] for name, value in wanted.items() if value != before[name]}
        for name in FIXED:
            if name in changed:
                _follow(held, name, changed[name])
        _write(held, {name: after for name, (_before, after) in changed.items()})
    return changed


def _follow(held: Workspace, name: str, changed: list[str]) -> None:
    if fixed(held):
        raise Conflict(str(WHY_FIXED[name]))
    before, after = changed
    Channel.objects.filter(workspace=held, **{name: before}).update(**{name: after})


def _write(held: Workspace, values: dict[str, str]) -> None:
    for name, value in values.items():
        if name == access.LANGUAGE:
            held.settings = held.settings | {access.LANGUAGE: value}
        else:
            setattr(held, name, value)
    held.save(update_fields=["settings", *FIXED, "name"])


def _language(text: str) -> str:
    if text and text not in dict(settings.LANGUAGES):
        raise BadRequest(_("“%(text)s” is no language of these pages.") % {"text": text[:40]}, "bad_language")
    return text


READERS: Final = {
    "name": setup.named,
    "timezone": setup.zone_named,
    "currency": setup.currency_code,
    "language": _language,
}
