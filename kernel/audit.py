"""Who did what to what, and why: written once for each deed, never changed. Not here: its table (models.py)."""

from typing import Any

from kernel.models import Audit
from kernel.web.access import WorkspaceRequest

LONGEST_TARGET = 200  # characters
COMMAND = "manage.py"  # who acts where a command does: the machine knows no person


def note(workspace: int, actor: str, action: str, target: str, /, **detail: Any) -> None:
    """`action` is `thing.deed`; `detail` is JSON."""
    Audit.objects.create(
        workspace_id=workspace, actor=actor, action=action, target=target[:LONGEST_TARGET], detail=detail
    )


def by(request: WorkspaceRequest, action: str, target: str, /, **detail: Any) -> None:
    """The same of who asks, in the workspace that the request is about."""
    note(request.workspace.pk, request.user.get_username(), action, target, **detail)
