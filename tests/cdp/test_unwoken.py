"""A worker's own look at the inbox: works what nobody called it for, and leaves alone what it is at already."""

import time
from typing import Any

import pytest

from cdp.pipeline import tasks
from channels import queries as channels
from channels.mapping import cleaning
from tests.shop import track


@pytest.fixture(autouse=True)
def _just_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks._Memory, "worked", time.monotonic())


def test_what_lies_there_is_worked_once(shop: Any) -> None:
    assert tasks.unwoken() is False
    shop.sends(track("Looked", "u1"), drain=False)
    assert tasks.unwoken() is True
    assert channels.freshness(shop.workspace.pk).waiting == 0
    assert tasks.unwoken() is False


def test_a_process_that_is_at_it_looks_no_second_time(shop: Any) -> None:
    shop.sends(track("Looked", "u1"), drain=False)
    with tasks.AT_WORK:
        assert tasks.unwoken() is False
    assert channels.freshness(shop.workspace.pk).waiting == 1


def test_now_and_then_it_looks_into_an_empty_inbox_too(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks._Memory, "worked", float("-inf"))
    assert tasks.unwoken() is True
    assert tasks.unwoken() is False


def test_a_look_that_fails_lets_the_next_one_in(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sends(track("Looked", "u1"), drain=False)
    with monkeypatch.context() as broken:
        broken.setattr(tasks.batches, "drain", lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            tasks.unwoken()
    assert tasks.unwoken() is True


def test_a_process_at_rest_forgets_what_made_it_quick(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sends(track("Looked", "u1"), drain=False)
    tasks.unwoken()
    tasks._tidied()
    assert cleaning._identifier.cache_info().currsize > 0  # a batch may follow at once
    monkeypatch.setattr(tasks._Memory, "found", time.monotonic() - tasks.REST_SECONDS)
    with tasks.AT_WORK:
        tasks._tidied()
    assert cleaning._identifier.cache_info().currsize > 0
    tasks._tidied()
    assert cleaning._identifier.cache_info().currsize == 0
    assert tasks._Memory.tidy
