"""What an admin does to a connector: settings, secrets, test, pause, resume, keys, limit; each noted with who it was.

Not here: its page (connector.py), what is written (channels/setup.py, channels/connect/setup.py).
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels import setup
from channels.connect import setup as connecting
from channels.connectors.base import ConnectorKind
from channels.models import Connector, WriteKey
from channels.pulls import acts
from console.channel import connector, connector_form
from kernel import audit, normalise
from kernel.errors import BadRequest
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest

LARGEST_ID = 2**63 - 1


@require_POST
@access.require_role("admin")
def change(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """Name, settings and secrets; what is wrong is said beside its field, with what was typed."""
    one = connector.found(request, slug, key)
    kind = _kind(one)
    said = connector_form.read(kind, request.POST)
    if said.problems:
        return connector.page(request, one, connector_form.again(kind, said, one))
    try:
        with transaction.atomic():
            changed = _changed(one, kind, said)
            if changed:
                audit.by(request, "connector.change", str(one.uuid), changed=changed)
    except BadRequest as wrong:
        return connector.page(request, one, connector_form.again(kind, said, one, str(wrong)))
    messages.info(
        request, _("Saved; it takes effect within seconds.") if changed else _("Nothing was different.")
    )
    return _back(one)


def _changed(one: Connector, kind: ConnectorKind, said: connector_form.Typed) -> dict[str, Any]:
    name = None if said.name == shell.channel_name(one) else said.name
    changed = connecting.change(one, name=name, settings=said.settings, secrets=said.secrets)
    if connector_form.sends_aliases(kind):
        changed |= setup.join_accounts(one, on=said.accounts)
    return changed


def _kind(one: Connector) -> ConnectorKind:
    found = connecting.known(one.kind)
    if found is None:
        raise BadRequest(
            _("This version does not know connectors of kind “%(kind)s”: update the server.")
            % {"kind": one.kind},
            "unknown_kind",
        )
    return found


def _back(one: Connector) -> HttpResponse:
    return redirect("connector", slug=one.channel.slug, key=one.uuid)


@require_POST
@access.require_role("admin")
def test(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """A look at the other side, or at what is set."""
    one = connector.found(request, slug, key)
    _kind(one)
    tried = acts.test(connection, one)
    audit.by(request, "connector.test", str(one.uuid), ok=tried.ok)
    messages.add_message(request, messages.INFO, tried.message, extra_tags="good" if tried.ok else "bad")
    return _back(one)


@require_POST
@access.require_role("admin")
def run(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """What is fetched or looked up, at once."""
    one = connector.found(request, slug, key)
    _kind(one)
    done = acts.run(connection, one)
    audit.by(request, "connector.run", str(one.uuid), ok=done.ok)
    messages.add_message(request, messages.INFO, done.message, extra_tags="good" if done.ok else "bad")
    return _back(one)


@require_POST
@access.require_role("admin")
def restart(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """What is fetched, from the first page again."""
    one = connector.found(request, slug, key)
    _kind(one)
    done = acts.start_over(connection, one)
    audit.by(request, "connector.restart", str(one.uuid), ok=done.ok)
    messages.info(request, done.message)
    return _back(one)


@require_POST
@access.require_role("admin")
def pause(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """It takes nothing any more."""
    return _switch(request, connector.found(request, slug, key), on=False)


@require_POST
@access.require_role("admin")
def resume(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """It goes on."""
    return _switch(request, connector.found(request, slug, key), on=True)


def _switch(request: WorkspaceRequest, one: Connector, *, on: bool) -> HttpResponse:
    done = connecting.switch(one, on=on)
    audit.by(request, "connector.resume" if on else "connector.pause", str(one.uuid), ok=done.ok)
    messages.info(request, done.message)
    return _back(one)


# ---- keys and limit ------------------------------------------------------------------------------


@require_POST
@access.require_role("admin")
def change_key(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """Another write key beside the others (`add`), in their place (`rotate`), or the end of one (`revoke`)."""
    one = connector.found(request, slug, key)
    what = request.POST.get("what", "")
    if what == "rotate":
        setup.rotate(one)
        said = _("The new key is active; the old ones stop working within seconds.")
    elif what == "add":
        setup.add_key(one)
        said = _("The new key is active; the old ones keep working.")
    elif what == "revoke":
        chosen = normalise.whole(request.POST.get("key", ""), 1, LARGEST_ID)
        setup.revoke(get_object_or_404(WriteKey, pk=chosen, connector=one))
        said = _("The key stops working within seconds.")
    else:
        raise BadRequest(_("A key can be added, rotated or revoked."))
    audit.by(request, f"key.{what}", str(one.uuid))
    messages.info(request, said)
    return _back(one)


@require_POST
@access.require_role("admin")
def limit(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """How many requests a second it may send; empty: as many as it likes."""
    one = connector.found(request, slug, key)
    typed = request.POST.get("limit", "").strip()
    most = normalise.whole(typed, 1, setup.MOST_A_SECOND)
    if typed and most is None:
        raise BadRequest(
            _("The limit is a whole number from 1 to %(most)s, or empty for none.")
            % {"most": format.number(setup.MOST_A_SECOND)}
        )
    setup.limit(one, most)
    audit.by(request, "connector.limit", f"{one.uuid} {typed or 'none'}")
    messages.info(request, _("The limit takes effect within seconds."))
    return _back(one)
