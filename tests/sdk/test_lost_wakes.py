"""A wake-up that nobody hears costs a second or two, never an event. No clock (beat) runs here."""

import time

import redis

from cdp.pipeline.wake import FLAG
from cdp.schedule import LOOK_SECONDS
from tests.sdk.conftest import Sdk

BINDING = "_kombu.binding.celery"  # to which queue the broker gives a task
PATIENCE = 3.0  # of a busy machine


def test_an_event_whose_wake_up_is_lost_is_seen_soon(sdk: Sdk) -> None:
    broker = redis.Redis.from_url(sdk.line.environment["REDIS_URL"])
    bound = broker.smembers(BINDING)

    def sends(number: int) -> float:
        begin = time.monotonic()
        message = {"type": "track", "event": "Looked", "userId": "u1", "messageId": f"m{number}"}
        assert sdk.line.post("/v1/track", message, sdk.key)[0] == 200
        sdk.events(number, LOOK_SECONDS + PATIENCE)
        return time.monotonic() - begin

    sends(1)
    broker.set(FLAG, 1, ex=30)  # somebody is said to have rung, and has not
    sends(2)
    broker.flushdb()  # the message goes to no queue any more
    try:
        sends(3)
    finally:
        broker.sadd(BINDING, *bound)
        broker.delete(FLAG)
    assert len({event["message_id"] for event in sdk.events(3)}) == 3
