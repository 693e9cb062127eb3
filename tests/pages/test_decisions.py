"""What a person decides about who is who: the other customer after a split, the way back, conflicts that end."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cdp.pipeline import rebuild
from kernel.db import rows, run
from kernel.models import Audit
from tests.dump import differences, dump
from tests.pages.test_numbers import PHONE, person, text
from tests.shop import Shop, identify, order, track


@pytest.fixture
def two(db: None) -> Shop:
    """An account and a browser that are one customer by one event."""
    shop, now = Shop(), timezone.now()
    shop.sends(
        identify("u1", now - timedelta(days=9), name="Lin Xiaowen"),
        order("A-1", "100.00", "u1", at=now - timedelta(days=8)),
        track("Product Viewed", at=now - timedelta(days=7), anonymous="browser-1"),
        track("Product Viewed", "u1", at=now - timedelta(days=6), anonymous="browser-1"),
    )
    return shop


def key_of(shop: Shop, identifier: str) -> str:
    return str(shop.profile(identifier)["id"])


def parted(shop: Shop, client: Client, reason: str = "a shared tablet") -> str:
    """Undo the join of the only customer; where it leads."""
    page = client.get(f"/customers/{key_of(shop, 'user_id:u1')}/").content.decode()
    address = re.search(r'href="(/customers/[^"]+/split/)\?a=([^&]+)&amp;b=([^"]+)"', page)
    assert address
    done = client.post(address[1], {"a": address[2], "b": address[3], "reason": reason})
    assert done.status_code == 302
    return str(done["Location"])


def pressed(client: Client, page: str, words: str) -> Any:
    """The form whose button says this is sent as it stands."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if words in form:
            action = re.search(r'action="([^"]+)"', form)
            assert action
            given = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
            button = re.search(r'name="decision"\s+value="([^"]+)"[^>]*>\s*' + re.escape(words), form)
            if button:
                given["decision"] = button[1]
            return client.post(action[1], given)
    raise LookupError(words)


def test_a_split_leads_to_the_other_customer(two: Shop) -> None:
    client = person(two)
    where = parted(two, client)
    ours, other = key_of(two, "user_id:u1"), key_of(two, "anonymous_id:browser-1")
    page = client.get(where).content.decode()
    assert where.startswith(f"/customers/{ours}/")
    assert "Undone" in page
    assert f'<a href="/customers/{other}/"' in page
    assert f"Unknown {other[:8]}" in page
    theirs = text(client.get(f"/customers/{other}/"))
    assert "Decided by people" in theirs
    assert "Lin Xiaowen" in theirs


def test_a_split_is_taken_back_with_one_click(two: Shop) -> None:
    client = person(two)
    before = dump(two.workspace.pk)
    page = client.get(parted(two, client)).content.decode()
    assert len(two.get("/api/profiles/")["results"]) == 2
    done = pressed(client, page, "Merge again")
    assert done.status_code == 302
    (one,) = two.get("/api/profiles/")["results"]
    said = text(client.get(f"/customers/{one['id']}/"))
    assert "taken back since" in said
    assert "Taken back: a shared tablet" in said
    assert differences(before, dump(two.workspace.pk)) == {}
    assert (
        rows(connection, "select count(*) from profiles_cannot")[0][0] == 0
    )  # nothing forbids them any more


def test_taken_back_they_are_joined_by_events_again(two: Shop) -> None:
    client = person(two)
    pressed(client, client.get(parted(two, client)).content.decode(), "Merge again")
    two.sends(track("Product Viewed", "u1", anonymous="browser-1"), track("Seen", anonymous="browser-1"))
    assert len(two.get("/api/profiles/")["results"]) == 1


def test_author_and_reason_stand_in_the_history_and_may_be_split_again(two: Shop) -> None:
    client = person(two)
    pressed(client, client.get(parted(two, client)).content.decode(), "Merge again")
    where = f"/customers/{key_of(two, 'user_id:u1')}/"
    said = text(client.get(where))
    history = said[said.index("Decided by people") :]
    assert history.index("Merged by hand") < history.index("Join undone: two people")
    assert "· admin" in history
    assert "Reason: a shared tablet" in history
    found = two.get(f"/api/profiles/{key_of(two, 'user_id:u1')}/decisions/")["results"]
    assert [(one["what"], one["actor"], one["together"]) for one in found] == [
        ("merge", "admin", True),
        ("split", "admin", True),
    ]
    assert {found[1]["a"]["kind"], found[1]["b"]["kind"]} == {"user_id", "anonymous_id"}


def test_a_viewer_reads_the_history_masked_and_changes_nothing(two: Shop) -> None:
    client = person(two)
    parted(two, client, f"the phone {PHONE} is the shop's")
    viewer = person(two, "viewer")
    where = f"/customers/{key_of(two, 'user_id:u1')}/"
    page = viewer.get(where + f"?parted={key_of(two, 'anonymous_id:browser-1')}").content.decode()
    assert "Reason: the phone 138 •••• 5021" in " ".join(page.split())
    assert "Merge again" not in page
    assert "13812345021" not in str(
        two.get(f"/api/profiles/{key_of(two, 'user_id:u1')}/decisions/", "viewer")
    )
    for address in ("/quality/conflicts/", where + "merge/"):
        assert viewer.post(address, {"decision": "later"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_what_was_decided_is_the_same_after_a_rebuild(db: None) -> None:
    shop = Shop()
    shop.sends(*conflicting())
    client = person(shop)
    pressed(client, client.get("/quality/").content.decode(), "Two people")
    shop.sends(
        identify("u1", phone=PHONE),
        track("Seen", "u1", anonymous="browser-1"),
        track("Seen", anonymous="browser-1"),
    )
    pressed(client, client.get(parted(shop, client)).content.decode(), "Merge again")
    parted(shop, client, "after all")
    before, listed = dump(shop.workspace.pk), shop.get("/api/conflicts/", state="open")["results"]
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert shop.get("/api/conflicts/", state="open")["results"] == listed
    assert "Kept apart: two people" in text(client.get("/quality/"))


# ---- conflicts ---------------------------------------------------------------------------------------


def conflicting() -> list[dict[str, Any]]:
    """Two accounts that one phone and one mail stood with: one customer has one account."""
    now = timezone.now()
    return [
        identify("u1", now - timedelta(days=9), name="Lin", phone=PHONE),
        identify("u2", now - timedelta(days=8), name="Wang", phone=PHONE),
    ]


@pytest.fixture
def apart(db: None) -> Shop:
    shop = Shop()
    shop.sends(*conflicting())
    return shop


def waiting(shop: Shop) -> int:
    return len(shop.get("/api/conflicts/", state="open")["results"])


def test_a_conflict_offers_its_three_ends(apart: Shop) -> None:
    page = person(apart).get("/quality/").content.decode()
    assert waiting(apart) == 1
    for words in ("Two people", "One person…", "Later"):
        assert re.search(rf">\s*{words}\s*<", page)
    viewer = person(apart, "viewer").get("/quality/").content.decode()
    assert "Two people" not in viewer


def test_two_people_ends_it_for_good(apart: Shop) -> None:
    client = person(apart)
    before = dump(apart.workspace.pk)
    done = pressed(client, client.get("/quality/").content.decode(), "Two people")
    said = text(client.get(done["Location"]))
    assert "They are two people: no event joins them." in said
    assert "No conflicts" in said
    assert "· admin" in said
    client.cookies["language"] = "zh-hans"
    assert "原因： 在数据质量页判定为两个人".replace(" ", "") in text(client.get("/quality/")).replace(
        " ", ""
    )
    client.cookies["language"] = "en"
    assert waiting(apart) == 0
    assert differences(before, dump(apart.workspace.pk)) == {}  # nobody moved
    assert len(apart.get("/api/conflicts/")["results"]) == 1  # the whole list still says why they are two
    note = Audit.objects.get(action="profile.apart")
    assert (note.actor, note.workspace_id) == ("admin", apart.workspace.pk)
    apart.sends(identify("u2", phone=PHONE), identify("u1", phone=PHONE))
    assert waiting(apart) == 0
    assert len(apart.get("/api/profiles/")["results"]) == 2


def test_two_people_is_taken_back_by_merging(apart: Shop) -> None:
    client = person(apart)
    pressed(client, client.get("/quality/").content.decode(), "Two people")
    where = f"/customers/{key_of(apart, 'user_id:u2')}/"
    page = client.get(where).content.decode()
    assert "Kept apart: two people" in page
    assert pressed(client, page, "Merge again").status_code == 302
    assert len(apart.get("/api/profiles/")["results"]) == 1
    assert rows(connection, "select count(*) from profiles_cannot")[0][0] == 0


def test_one_person_is_previewed_merged_and_leads_back_to_the_list(apart: Shop) -> None:
    client = person(apart)
    page = client.get("/quality/").content.decode()
    address = re.search(r'href="([^"]+/merge/\?other=[^"]+back=quality)"', page)
    assert address
    preview = client.get(address[1].replace("&amp;", "&"))
    assert "Together" in text(preview)
    given = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', preview.content.decode()))
    done = client.post(address[1].partition("?")[0], given | {"reason": "she has two accounts"})
    assert done["Location"] == "/quality/#conflicts"
    said = text(client.get("/quality/"))
    assert "Merged: they are one customer now." in said
    assert "she has two accounts" in said
    assert waiting(apart) == 0


def test_later_hides_it_until_new_evidence(apart: Shop) -> None:
    client = person(apart)
    done = pressed(client, client.get("/quality/").content.decode(), "Later")
    said = text(client.get(done["Location"]))
    assert "Left for later: it comes back with new evidence, else on" in said
    assert "1 left for later" in said
    assert waiting(apart) == 0
    assert Audit.objects.get(action="conflict.later").actor == "admin"
    apart.sends(identify("u1", phone=PHONE), track("Seen", "u2"))  # of one of the two alone
    refused = apart.get("/api/conflicts/")["results"][0]
    ends = {refused["a"]["value"], refused["b"]["value"]}
    apart.sends(track("Seen", (ends - {PHONE}).pop()))
    still = waiting(apart)
    apart.sends(*conflicting())  # both again
    assert (still, waiting(apart)) == (0, 1)


def test_later_ends_after_a_month_or_when_asked(apart: Shop) -> None:
    client = person(apart)
    pressed(client, client.get("/quality/").content.decode(), "Later")
    pressed(client, client.get("/quality/").content.decode(), "Show again")
    assert waiting(apart) == 1
    pressed(client, client.get("/quality/").content.decode(), "Later")
    assert waiting(apart) == 0
    run(connection, "update profiles_later set until = until - interval '30 days'")
    assert waiting(apart) == 1


def test_the_count_shrinks_with_the_list(apart: Shop) -> None:
    client = person(apart)
    before = text(client.get("/quality/"))
    assert "1 pair of identifiers was kept apart" in before
    pressed(client, client.get("/quality/").content.decode(), "Later")
    assert "All messages were usable" in text(client.get("/quality/"))


def test_the_api_decides_the_same(apart: Shop) -> None:
    (found,) = apart.get("/api/conflicts/", state="open")["results"]
    ends = {side: found[side]["key"] for side in ("a", "b")}
    api = apart.api("analyst")

    def says(**more: Any) -> Any:
        return api.post("/api/conflicts/decide/", ends | more, format="json")

    later = says(decision="later")
    assert (later.status_code, later.json()["decision"]) == (200, "later")
    assert later.json()["until"]
    assert waiting(apart) == 0
    assert says(decision="open").json() == {"decision": "open", "until": None}
    assert waiting(apart) == 1
    assert says(decision="two_people").json()["code"] == "missing_field"
    assert says(decision="two_people", reason="mother and daughter").status_code == 200
    assert waiting(apart) == 0
    assert says(decision="nonsense").status_code == says(a="x", decision="later").status_code == 400
    assert says(decision="later", a=ends["b"], b=ends["a"]).status_code == 404
    assert apart.api("viewer").post("/api/conflicts/decide/", ends, format="json").status_code == 403
    other = Shop("Other").api().post("/api/conflicts/decide/", ends | {"decision": "later"}, format="json")
    assert other.status_code == 404
    assert apart.api().get("/api/conflicts/", {"state": "closed"}).status_code == 400
