"""The mapping studio as it is read and sent: form and text, what comes of a draft, versions, reading anew."""

import re
from typing import Any

import pytest
from django.test import Client

from channels.studio import versions
from kernel.models import Audit, Job
from tests.channels.mapping_with import PAID, hooked, own, paid, post, save
from tests.pages.test_connectors import form as sent
from tests.pages.test_numbers import person, text
from tests.shop import Shop

TOTAL = '"properties.total" = "yuan(amount)"'


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def where(one: Any, act: str = "") -> str:
    return f"/channels/{one.channel.slug}/connectors/{one.uuid}/mapping/{act}"


def version(one: Any) -> versions.Text:
    from django.db import connection

    return versions.text_of(connection, one)


def shown(client: Client, one: Any, **asked: str) -> str:
    answer = client.get(where(one), asked)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_a_page_shows_payload_form_and_what_comes_of_it(shop: Shop) -> None:
    one = hooked(shop)
    post(one, paid(1), paid(2, amount=9900))
    page = shown(person(shop), one)
    assert 'data-path="buyer.mobile"' in page
    assert 'value="yuan(amount)"' in page
    assert "¥99.00" in page
    assert "2 stored, 0 rejected" in page
