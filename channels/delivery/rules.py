"""When somebody is sent nothing: hours of rest, too many already, held out to see what sending does.

Values in, values out. Not here: consent, which is asked outside (work.py).
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings

WHOLE: Final = 1 << 64


def rests(quiet: Mapping[str, Any] | None, now: datetime, zone: tzinfo) -> datetime | None:
    """Until when nobody is to be disturbed; None: it is no such hour. They may reach over midnight."""
    if not quiet:
        return None
    begin, end = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    here = now.astimezone(zone)
    clock = here.timetz().replace(tzinfo=None)
    inside = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not inside:
        return None
    day = here.date() + timedelta(days=clock >= end)
    return datetime.combine(day, end, zone)


def held_out(destination: UUID, person: UUID, share: Decimal) -> bool:
    """Whether a person is one of those who are sent nothing: always the same of one destination."""
    if not share:
        return False
    what = destination.bytes + person.bytes
    digest = hmac.new(settings.IDENTITY_SECRET, b"holdout" + what, hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") < share * WHOLE
