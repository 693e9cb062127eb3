"""Analyses and boards over HTTP: what is kept comes back, who may do what, what is refused and how it is said."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from kernel.models import Audit
from metrics.boards import kinds
from metrics.models import Analysis, Board, Tile
from tests.shop import Shop

GMV = {"name": "Sales", "kind": "metric", "params": {"name": "gmv", "by": "channel"}}
FULL = {"x": 0, "y": 0, "w": 12, "h": 4}


class People:
    """A workspace with one person of each role."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.clients = {role: self.shop.api(role) for role in ("viewer", "analyst", "admin")}

    def does(self, role: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """What somebody gets, which has that status."""
        client: APIClient = self.clients[role]
        answer = getattr(client, method)(path, *([body] if body is not None else []), format="json")
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None

    def keeps(self, role: str = "analyst", **more: Any) -> Any:
        """An analysis of theirs."""
        return self.does(role, "post", "/api/analyses/", GMV | more, 201)

    def makes(self, role: str = "analyst", **board: Any) -> Any:
        """A board of theirs."""
        return self.does(role, "post", "/api/boards/", {"name": "Week"} | board, 201)

    def tiles(self, slug: str) -> Any:
        """Where the tiles of a board stand."""
        return self.does("admin", "get", f"/api/boards/{slug}/")["tiles"]


@pytest.fixture
def people(db: None) -> People:
    return People()


# ---- kept and read back --------------------------------------------------------------------------


def test_an_analysis_comes_back_as_it_was_kept(people: People) -> None:
    made = people.keeps()
    assert made.items() >= (GMV | {"board": None, "author": made["author"]}).items()
    assert made["author"].startswith("analyst")
    (listed,) = people.does("analyst", "get", "/api/analyses/")["results"]
    assert listed == made == people.does("analyst", "get", f"/api/analyses/{made['id']}/")


def test_one_of_every_kind_can_be_kept(people: People) -> None:
    params = {
        "metric": {"metric": "aov", "from": "2026-03-01", "to": "2026-03-31", "channel": ["store"]},
        "funnel": {"steps": "Product Added,Order Completed", "window": "7d", "exclude": ["touchpoint:store"]},
        "retention": {"interval": "month", "on": "orders", "measure": "revenue"},
        "paths": {"level": "channel", "steps": 5, "start": "channel:store", "session": "30d", "top": 20},
        "switching": {"on": "orders"},
        "touchpoints": {"within": "90d"},
    }
    assert set(params) == set(kinds.BY_NAME)
    for kind, given in params.items():
        assert people.keeps(kind=kind, params=given)["params"] == given


def test_an_analysis_put_on_a_board_gets_the_first_free_place(people: People) -> None:
    board = people.makes(slug="week")
    first, second = people.keeps(board="week"), people.keeps(board="week")
    assert (board["tiles"], first["board"]) == ([], "week")
    assert people.tiles("week") == [
        {"analysis": first["id"], "x": 0, "y": 0, "w": 6, "h": 4},
        {"analysis": second["id"], "x": 6, "y": 0, "w": 6, "h": 4},
    ]


def test_it_moves_to_another_board_and_off_it(people: People) -> None:
    people.makes(slug="week"), people.makes(slug="month")
    path = f"/api/analyses/{people.keeps(board='week')['id']}/"
    assert people.does("analyst", "patch", path, {"board": "month"})["board"] == "month"
    assert (len(people.tiles("week")), len(people.tiles("month"))) == (0, 1)
    assert people.does("analyst", "patch", path, {"board": None})["board"] is None
    assert people.tiles("month") == []


def test_what_a_change_does_not_name_stays(people: People) -> None:
    made = people.keeps()
    changed = people.does("analyst", "patch", f"/api/analyses/{made['id']}/", {"name": "Turnover"})
    assert changed == made | {"name": "Turnover", "updated_at": changed["updated_at"]}
    people.does(
        "analyst", "patch", f"/api/analyses/{made['id']}/", {"kind": "funnel"}, 400
    )  # by is, name is not
    changed = people.does("analyst", "patch", f"/api/analyses/{made['id']}/", {"params": {"name": "orders"}})
    assert changed["params"] == {"name": "orders"}


def test_a_deleted_analysis_leaves_its_boards(people: People) -> None:
    people.makes(slug="week")
    made = people.keeps(board="week")
    people.does("analyst", "delete", f"/api/analyses/{made['id']}/", status=204)
    people.does("analyst", "get", f"/api/analyses/{made['id']}/", status=404)
    assert people.tiles("week") == []


def test_a_board_comes_back_as_it_was_made_and_changed(people: People) -> None:
    one, other = people.keeps()["id"], people.keeps()["id"]
    tiles = [
        {"analysis": one, "x": 0, "y": 0, "w": 12, "h": 4},
        {"analysis": other, "x": 0, "y": 4, "w": 3, "h": 2},
    ]
    made = people.makes(slug="week", tiles=tiles, shared=True)
    assert (made["slug"], made["name"], made["tiles"], made["shared"]) == ("week", "Week", tiles, True)
    assert people.does("analyst", "get", "/api/boards/week/") == made
    swapped = [tiles[0] | {"y": 2}, tiles[1] | {"y": 0}]
    changed = people.does("analyst", "patch", "/api/boards/week/", {"tiles": swapped, "slug": "seven-days"})
    assert changed["tiles"] == [swapped[1], swapped[0]]
    people.does("analyst", "get", "/api/boards/week/", status=404)
    people.does("analyst", "delete", "/api/boards/seven-days/", status=204)
    assert people.does("analyst", "get", "/api/boards/")["results"] == []
    assert people.does("analyst", "get", f"/api/analyses/{one}/")["board"] is None


def test_a_board_without_a_slug_gets_one_of_its_name(people: People) -> None:
    assert [people.makes(name=name)["slug"] for name in ("Week one", "Week one", "周报")] == [
        *("week-one", "week-one-2"),
        "board",
    ]


def test_lists_are_cut_into_pages_newest_first(people: People) -> None:
    ids = [people.keeps()["id"] for _n in range(3)]
    first = people.does("analyst", "get", "/api/analyses/?limit=2")
    rest = people.clients["analyst"].get(first["next"]).json()
    assert [one["id"] for one in first["results"] + rest["results"]] == ids[::-1]
    slugs = [people.makes()["slug"] for _n in range(3)]
    first = people.does("analyst", "get", "/api/boards/?limit=2")
    rest = people.clients["analyst"].get(first["next"]).json()
    assert [one["slug"] for one in first["results"] + rest["results"]] == slugs[::-1]


# ---- who may -------------------------------------------------------------------------------------


def test_a_viewer_reads_what_is_shared_and_writes_nothing(people: People) -> None:
    hidden = people.keeps()
    people.makes(slug="own"), people.makes(slug="ours", shared=True)
    shown = people.keeps(board="ours")
    assert [one["slug"] for one in people.does("viewer", "get", "/api/boards/")["results"]] == ["ours"]
    assert [one["id"] for one in people.does("viewer", "get", "/api/analyses/")["results"]] == [shown["id"]]
    people.does("viewer", "get", "/api/boards/own/", status=404)
    people.does("viewer", "get", f"/api/analyses/{hidden['id']}/", status=404)
    for method, path, body in (
        ("post", "/api/analyses/", GMV),
        ("post", "/api/boards/", {"name": "Mine"}),
        ("patch", f"/api/analyses/{shown['id']}/", {"name": "Mine"}),
        ("delete", f"/api/analyses/{shown['id']}/", None),
        ("patch", "/api/boards/ours/", {"name": "Mine"}),
        ("delete", "/api/boards/ours/", None),
    ):
        assert people.does("viewer", method, path, body, 403)["message"]
    assert (Analysis.objects.count(), Board.objects.count()) == (2, 2)


def test_an_analyst_writes_their_own_and_an_admin_all(people: People) -> None:
    people.makes("admin", slug="plan"), people.makes("admin", slug="ours", shared=True)
    people.keeps("admin", board="plan")
    shown = people.keeps("admin", board="ours")
    assert people.does("analyst", "get", "/api/boards/ours/")["tiles"]
    people.does("analyst", "get", "/api/boards/plan/", status=404)
    people.does("analyst", "patch", "/api/boards/ours/", {"shared": False}, 403)
    people.does("analyst", "patch", f"/api/analyses/{shown['id']}/", {"name": "x"}, 403)
    people.does("analyst", "post", "/api/analyses/", GMV | {"board": "ours"}, 403)
    people.does("analyst", "post", "/api/analyses/", GMV | {"board": "plan"}, 404)
    assert Analysis.objects.count() == 2  # what could not be put on a board was not kept either
    mine = people.keeps()
    people.makes(slug="mine", tiles=[FULL | {"analysis": mine["id"]}])
    assert people.does("admin", "patch", "/api/boards/mine/", {"shared": True})["shared"]
    assert (
        people.does("admin", "patch", f"/api/analyses/{mine['id']}/", {"name": "Better"})["name"] == "Better"
    )


def test_nobody_puts_on_a_board_what_they_may_not_see(people: People) -> None:
    hidden = people.keeps("admin")["id"]
    refused = people.does(
        "analyst", "post", "/api/boards/", {"name": "x", "tiles": [FULL | {"analysis": hidden}]}, 400
    )
    assert refused["code"] == "unknown_analysis"
    shared = people.makes("admin", slug="ours", shared=True, tiles=[FULL | {"analysis": hidden}])
    assert people.makes(tiles=shared["tiles"])["tiles"] == shared["tiles"]


def test_another_workspace_sees_and_touches_nothing(people: People) -> None:
    people.makes(slug="ours", shared=True)
    made, others = people.keeps(board="ours"), People()
    assert others.does("admin", "get", "/api/boards/")["results"] == []
    assert others.does("admin", "get", "/api/analyses/")["results"] == []
    for path in ("/api/boards/ours/", f"/api/analyses/{made['id']}/"):
        for method in ("get", "patch", "delete"):
            others.does("admin", method, path, {} if method == "patch" else None, 404)
    tile = FULL | {"analysis": made["id"]}
    assert others.does("admin", "post", "/api/boards/", {"name": "x", "tiles": [tile]}, 400)["code"] == (
        "unknown_analysis"
    )


def test_each_deed_stands_in_the_audit_log(people: People) -> None:
    people.makes(slug="week")
    key = people.keeps(board="week")["id"]
    people.does("analyst", "patch", f"/api/analyses/{key}/", {"name": "x"})
    people.does("analyst", "delete", f"/api/analyses/{key}/", status=204)
    people.does("analyst", "patch", "/api/boards/week/", {"shared": True})
    people.does("analyst", "delete", "/api/boards/week/", status=204)
    noted = list(Audit.objects.filter(workspace=people.shop.workspace).order_by("id"))
    assert [one.action for one in noted] == [
        *("board.add", "analysis.add", "board.put", "analysis.change", "analysis.delete"),
        *("board.change", "board.delete"),
    ]
    assert {one.actor for one in noted} == {f"analyst-{people.shop.workspace.slug}"}


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"kind": "pie"}, "unknown_kind", "metric, funnel, retention, paths, switching, touchpoints"),
        ({"params": {"name": "gmv", "colour": "red"}}, "unknown_parameter", "`colour`"),
        ({"kind": "switching", "params": {"steps": "a"}}, "unknown_parameter", "It takes on, from, to."),
        ({"params": {"name": "profit"}}, "unknown_metric", "profit"),
        ({"params": {}}, "missing_metric", "name"),
        ({"params": {"name": "gmv", "metric": "aov"}}, "missing_metric", "one metric"),
        ({"params": {"name": "gmv", "from": "yesterday"}}, "bad_date", "2026-11-01"),
        ({"params": {"name": "gmv", "from": "2026-03-02", "to": "2026-03-01"}}, "bad_period", "before"),
        ({"kind": "paths", "params": {"from": "2026-03-02", "to": "2026-03-01"}}, "bad_period", "before"),
        ({"params": {"name": "gmv", "interval": "hour"}}, "bad_interval", "day, week, month"),
        ({"params": {"name": "gmv", "channel": "nowhere"}}, "unknown_channel", "nowhere"),
        ({"params": {"name": "g" * 2_001}}, "bad_value", "2,000"),
        ({"params": {"name": ["gmv"]}}, "bad_value", "`name`"),
        ({"params": {"name": "gmv", "by": None}}, "bad_value", "`by`"),
        ({"params": {"name": "gmv", "by": True}}, "bad_value", "`by`"),
        ({"params": {"name": "gmv", "by": {"a": 1}}}, "bad_value", "`by`"),
        ({"params": {"name": "gmv", "channel": []}}, "bad_value", "`channel`"),
        ({"kind": "funnel", "params": {"exclude": ["x"] * 51}}, "too_many_values", "50"),
        ({"params": ["gmv"]}, "bad_params", "object"),
        ({"name": " "}, "bad_name", "80"),
        ({"name": "n" * 81}, "bad_name", "80"),
        ({"name": 7}, "bad_name", "text"),
        ({"board": "no such board"}, "bad_slug", "slug"),
        ({"owner": "me"}, "unknown_field", "`owner`"),
    ],
)
def test_a_wrong_analysis_is_refused_with_a_sentence(
    people: People, change: Any, code: str, says: str
) -> None:
    refused = people.does("analyst", "post", "/api/analyses/", GMV | change, 400)
    assert refused["code"] == code
    assert says in refused["message"]
    assert not Analysis.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tiles": [{"x": 0, "y": 0, "w": 6, "h": 4}]}, "bad_tile"),
        ({"tiles": [FULL | {"analysis": 1, "x": -1}]}, "bad_tile"),
        ({"tiles": [FULL | {"analysis": 1, "w": 2.5}]}, "bad_tile"),
        ({"tiles": [FULL | {"analysis": 1, "h": True}]}, "bad_tile"),
        ({"tiles": [FULL | {"analysis": 1, "w": 13}]}, "bad_tile"),
        ({"tiles": [FULL | {"analysis": 1, "y": 10**30}]}, "bad_tile"),
        ({"tiles": [FULL | {"analysis": 1}, FULL | {"analysis": 1, "y": 4}]}, "tile_twice"),
        ({"tiles": [FULL | {"analysis": 1}, FULL | {"analysis": 2, "y": 3}]}, "tiles_overlap"),
        ({"tiles": [FULL | {"analysis": 1, "z": 3}]}, "unknown_field"),
        ({"tiles": {}}, "bad_tiles"),
        ({"tiles": [FULL | {"analysis": 999_999_999}]}, "unknown_analysis"),
        ({"slug": "Vier Wände"}, "bad_slug"),
        ({"slug": ""}, "bad_slug"),
        ({"shared": "yes"}, "bad_value"),
        ({"name": None}, "bad_name"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
def test_a_wrong_board_is_refused_with_a_sentence(people: People, change: Any, code: str) -> None:
    refused = people.does("analyst", "post", "/api/boards/", {"name": "Week"} | change, 400)
    assert refused["code"] == code
    assert refused["message"].endswith(".")
    assert not Board.objects.exists()


def test_a_slug_is_taken_once(people: People) -> None:
    people.makes(slug="week"), people.makes(slug="month")
    people.does("analyst", "post", "/api/boards/", {"name": "Week", "slug": "week"}, 409)
    people.does("analyst", "patch", "/api/boards/month/", {"slug": "week"}, 409)


def test_unknown_filters_of_the_lists_are_refused(people: People) -> None:
    for path in ("/api/analyses/", "/api/boards/"):
        assert people.does("analyst", "get", f"{path}?kind=metric", status=400)["code"] == "unknown_filter"


def test_the_database_itself_keeps_tiles_apart(people: People) -> None:
    one, other = people.keeps()["id"], people.keeps()["id"]
    people.makes(slug="week", tiles=[FULL | {"analysis": one}])
    board = Board.objects.get(slug="week", workspace=people.shop.workspace)
    for wrong in (
        {"x": 11, "y": 3, "w": 1, "h": 1},
        {"x": 6, "y": 9, "w": 7, "h": 1},
        {"x": 0, "y": 9, "w": 1, "h": 13},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tile.objects.create(board=board, analysis_id=other, **wrong)
    Tile.objects.create(board=board, analysis_id=other, x=0, y=4, w=12, h=4)
