"""What is said of a watched place and its files, as codes and parameters; words are made when somebody reads it.

A new one: a line in SAID, in English; its Chinese in locale/. Not here: what is wrong with a file that was read
(channels/imports/words.py).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from kernel import outside
from kernel.errors import Refused
from kernel.periods import utc_text

SAID: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of a place
        "no_folders": gettext_noop(
            "Folders are watched below HUILIU_WATCH_DIR alone, which is not set: whoever runs this server sets it."
        ),
        "bad_path": gettext_noop("“%(path)s” is no folder: names parted by “/”, without “..”."),
        "no_folder": gettext_noop(
            "There is no folder %(path)s here, or a part of it is a link: links are not followed."
        ),
        "folder_says": gettext_noop("The folder cannot be read: %(why)s."),
        "bad_bucket": gettext_noop("“%(path)s” is no bucket: s3://bucket/prefix."),
        "no_keys": gettext_noop("The bucket's access key and secret key are needed."),
        "bad_endpoint": gettext_noop("“%(url)s” is no endpoint: https:// and a server's name."),
        "plain_http": gettext_noop(
            "The endpoint %(host)s is http: only https is asked, unless HUILIU_ALLOW_ADDRESSES names it."
        ),
        "bucket_says": gettext_noop("The bucket cannot be read: %(why)s."),
        "crowded": gettext_noop("Over %(most)s files match: those first by name are looked at."),
        # of a file
        "link": gettext_noop("A link, or no file: it is not read."),
        "too_large": gettext_noop("The file has %(size)s MB; at most %(limit)s MB are taken."),
        "not_read": gettext_noop("The file cannot be read: %(why)s."),
        "not_cleared": gettext_noop("It was taken, and cannot be moved or deleted: %(why)s."),
    }
)


class Unwatched(Refused):
    """A place or a file that cannot be watched or read. `code`: of SAID."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params

    def __str__(self) -> str:
        return said({"code": self.code, "params": self.params})


class Changed(Exception):
    """A file is another one than was looked at: it has to settle again."""


def noted(why: Refused) -> dict[str, Any]:
    """A trouble as it is kept."""
    return {"code": why.code, "params": getattr(why, "params", {})}


def said(note: Mapping[str, Any] | None) -> str:
    """In the reader's language; empty for none."""
    if not note:
        return ""
    sentence, params = SAID.get(note["code"]), note.get("params", {})
    return gettext(sentence) % params if sentence else outside.said(note["code"], params)


def shown(note: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """As the API says it."""
    return {"code": note["code"], "message": said(note), "words": "", "at": utc_text(at)}
