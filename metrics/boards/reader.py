"""Who asks for analyses and boards: what everybody shares they read, their own they write, an admin does all."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from kernel import audit
from kernel.errors import NotAllowed
from kernel.models import Role, Workspace
from kernel.web.access import AccessContext, reaches
from metrics.models import Board


class Reader(NamedTuple):
    """Somebody in a workspace."""

    workspace: Workspace
    user: int
    name: str
    role: str

    @classmethod
    def of(cls, context: AccessContext, user: Any) -> "Reader":
        """Whoever sent a request."""
        return cls(context.workspace, user.pk, user.get_username(), context.role)

    @property
    def all(self) -> bool:
        """Whether everything of the workspace is theirs to read and write."""
        return reaches(self.role, Role.ADMIN)

    def writes(self, author: int | None) -> bool:
        """Whether they may change what that person made."""
        return self.all or (reaches(self.role, Role.ANALYST) and author == self.user)

    def must_write(self, author: int | None) -> None:
        """NotAllowed where they may not."""
        if not self.writes(author):
            raise NotAllowed(_("This is somebody else's: whoever made it, or an admin, can change it."))

    def must_make(self) -> None:
        """NotAllowed for a viewer."""
        if not reaches(self.role, Role.ANALYST):
            raise NotAllowed(_("Your role reads what is shared; an analyst can keep analyses and boards."))

    def reads(self, board: Board) -> bool:
        """Whether a board of their workspace is theirs to look at."""
        return self.all or board.shared or board.author_id == self.user

    def values(self) -> dict[str, Any]:
        """Who it is, as a statement asks."""
        return {"workspace": self.workspace.pk, "user": self.user, "all": self.all}

    def note(self, action: str, target: str, **detail: Any) -> None:
        """What they did, for the audit log."""
        audit.note(self.workspace.pk, self.name, action, target, **detail)
