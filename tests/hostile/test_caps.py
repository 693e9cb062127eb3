"""What a sender can make up without end does not grow without end: kinds of identifiers, lines of /metrics."""

from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest

from cdp.serve import readiness
from channels.inbox import health
from kernel.db import rows
from profiles.identity import kinds
from tests.shop import Shop, track


def test_kinds_without_end_are_not_all_listed_and_still_join(db: None, monkeypatch) -> None:
    monkeypatch.setattr(kinds, "MOST_LISTED", len(kinds.DEFAULTS) + 3)
    shop = Shop()
    for n in range(10):
        pair = [{"kind": f"made_up_{n}", "value": "v"}, {"kind": "line", "value": "same"}]
        shop.sends(track("E", "u1", identifiers=pair))
    listed = rows(
        connection, "select count(*) from profiles_kind where workspace_id = %(w)s", w=shop.workspace.pk
    )
    assert listed[0][0] == 3
    found = shop.profile("user_id:u1")["identifiers"]
    assert {item["kind"] for item in found} == {"user_id", "line", *(f"made_up_{n}" for n in range(10))}


def test_a_kind_is_a_short_plain_word(db: None) -> None:
    shop = Shop()
    odd = ["x" * 41, "a b", "\u0000", "<script>", "", 5, None, "k" * 40, "UPPER"]
    shop.sends(track("E", "u1", identifiers=[{"kind": kind, "value": "v"} for kind in odd]))
    assert {item["kind"] for item in shop.profile("user_id:u1")["identifiers"]} <= {
        "user_id",
        "k" * 40,
        "upper",
        "5",
    }


def test_metrics_have_a_line_for_so_many_channels_and_one_for_the_rest(db: None, monkeypatch) -> None:
    monkeypatch.setattr(readiness, "MOST_CHANNELS", 2)
    many = [(1, f"channel-{n}", {"received": 1, "stored": 1}) for n in range(6)]
    monkeypatch.setattr(health, "last_day", lambda _db: many)
    registry = CollectorRegistry()
    readiness._fill(registry)
    text = generate_latest(registry).decode()
    lines = [line for line in text.splitlines() if line.startswith("huiliu_messages{") and "received" in line]
    assert len(lines) == 3
    assert 'huiliu_messages{channel="other channels",outcome="received",workspace=""} 4.0' in lines
