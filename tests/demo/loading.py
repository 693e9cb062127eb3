"""A simulation's requests through the inbox and the pipeline, as the front door would keep them."""

import datetime as dt
import uuid
from collections.abc import Iterable

import msgspec
from django.db import connection

from cdp.pipeline import batches
from channels.inbox import log
from channels.models import WriteKey
from demo import load
from demo.post import Request
from kernel.models import Workspace


def arrive(found: Iterable[Request]) -> Workspace:
    """Everything worked in; the demo's workspace."""
    workspace = load.place()
    keys = load.connectors(workspace)
    numbers = {code: WriteKey.objects.get(key=key).connector_id for code, key in keys.items()}
    now = dt.datetime.now(dt.UTC)
    log.append(
        connection,
        [
            log.Entry(
                workspace.pk,
                now + dt.timedelta(microseconds=place),
                uuid.uuid4(),
                numbers[request.connector],
                request.path.rpartition("/")[2],
                len(next(iter(request.body.values()))),
                msgspec.json.encode(request.body).decode(),
            )
            for place, request in enumerate(found)
        ],
    )
    batches.drain()
    return workspace
