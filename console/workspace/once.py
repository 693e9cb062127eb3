"""What is shown once: a link, a token. It waits sealed in the session for the page that comes next, and goes with it.

Not here: making it (kernel/people).
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.contrib.sessions.backends.base import SessionBase

from kernel.errors import Trouble
from kernel.secrets import decrypt, encrypt
from kernel.web.access import WorkspaceRequest

NAME = "shown-once"  # in the session


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A secret for a page to show. `about`: what it belongs to, `until`: when it ends, ISO 8601; "" never."""

    kind: str
    text: str
    about: str
    until: str = ""


def keep(request: WorkspaceRequest, once: Once) -> None:
    """For the next page of its kind."""
    request.session[NAME] = encrypt(msgspec.json.encode(once).decode(), _place(request))


def take(request: WorkspaceRequest, *kinds: str) -> Once | None:
    """What waits, and never again; None where nothing of these kinds does, or it was of another workspace."""
    session: SessionBase = request.session
    sealed: Any = session.pop(NAME, None)
    if sealed is None:
        return None
    try:
        found = msgspec.json.decode(decrypt(sealed, _place(request)), type=Once)
    except (Trouble, msgspec.MsgspecError):
        return None
    return found if found.kind in kinds else None


def _place(request: WorkspaceRequest) -> str:
    return f"{NAME} {request.workspace.pk} {request.user.pk}"
