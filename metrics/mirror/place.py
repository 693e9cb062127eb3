"""Where the mirror lies: in a folder of this machine, or by setting in a bucket with that folder before it."""

from importlib import import_module
from pathlib import Path
from typing import Final

from django.conf import settings

from metrics.mirror.files import Folder

IN_A_BUCKET: Final = "metrics.mirror.cache"  # loaded with its library only where the setting is there


def folder_of(workspace: int) -> Folder:
    """A workspace's."""
    root = Path(settings.MIRROR)
    if not settings.MIRROR_URL:
        return Folder(root, workspace)
    found: Folder = import_module(IN_A_BUCKET).Cache(root, workspace)
    return found
