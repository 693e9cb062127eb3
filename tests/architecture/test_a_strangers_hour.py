"""What CONTRIBUTING says is enough: a metric with a new term, a connector kind, a page and a reject reason, added to a
copy of the tree.

The metric and the kind are CONTRIBUTING's own examples, word for word. Each touches the files named there and no
other; then a program runs on the copy: sends, reads over HTTP, and takes all of it back.
"""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "kernel",
    "channels",
    "profiles",
    "metrics",
    "cdp",
    "console",
    "demo",
    "templates",
    "static",
    "locale",
    "tests",
)
LEFT = shutil.ignore_patterns("__pycache__", "vendor", "node", "node_modules", "samples", "shots")

REASON = """
_rehearsals = _reason("rehearsal", _("Rehearsal"), _("Leave rehearsals out before they are sent."))
REHEARSAL = _code(_rehearsals, "rehearsal", "“%(value)s” is the name of a rehearsal.")
"""
PAGE = '''
"""The busiest customers. Not here: what they did."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpResponse

from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import queries


@dataclass(frozen=True, slots=True)
class Page:
    """Who did most."""

    people: list[dict[str, Any]]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page."""
    found = queries.find(connection, request.workspace, {}, None, 5, "-events", masked=request.access.masked)
    return render(request, "customer/busiest.html", Page(found.items))
'''
TEMPLATE = """{% extends "shell.html" %}
{% block main %}
  <h1>Busiest</h1>
  <c-card>
    <ol>
      {% for person in people %}
        <li>
          {{ person.name }} {{ person.events }}
        </li>
      {% endfor %}
    </ol>
  </c-card>
{% endblock %}
"""
PROGRAM = """
import json
import django

django.setup()
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from kernel.models import Member
from tests.channels.hooking import connector, deliver, signed
from tests.shop import Shop, identify, later, order, track

SALE = b'{"no": "k7", "sum": "4.5", "at": "2026-03-02T10:00:00"}'

with transaction.atomic():
    shop = Shop()
    shop.sends(
        identify("u1", later(hours=1), name="Lin"),
        order("o1", "90", "u1", later(hours=2), discount="10", currency="CNY"),
        track("Rehearsal", "u1", later(hours=3)),
    )
    kiosk = connector(shop, "kiosk", {"place": "Bund"}, {"secret": "s"})
    told = [deliver(kiosk, SALE, {"X-Kiosk": signed(SALE, key)}).reply.status for key in ("s", "wrong", "s")]
    shop.drains()
    reject = shop.get("/api/rejects/")["results"][0]
    user = User.objects.create(username=f"reader of {shop.workspace.slug}")
    Member.objects.create(workspace=shop.workspace, user=user, role="viewer")
    client = Client()
    client.force_login(user)
    answer = client.get("/busiest/")
    print(json.dumps({
        "metric": shop.metric("discount_rate")["total"],
        "rows": [row["order_id"] for row in shop.get("/api/metrics/discount_rate/rows/", part="discounts",
                                                     **{"from": "2026-03-01", "to": "2026-03-31"})["results"]],
        "listed": [one["label"] for one in shop.get("/api/metrics/")["results"] if one["name"] == "discount_rate"],
        "reject": [reject["reason"], reject["hint"]],
        "kiosk": [told, shop.value("orders"), [one["label"] for one in shop.get("/api/connector-kinds/")][-1]],
        "page": [answer.status_code, "Lin 2" in " ".join(answer.content.decode().split())],
    }))
    transaction.set_rollback(True)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the product, without what is made."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part, ignore=LEFT)
    for name in ("manage.py", "pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def add(tree: Path, path: str, text: str, *, before: str = "", after: str = "") -> None:
    """Puts lines into a file, at a place that stands there once."""
    place, file = before or after, tree / path
    whole = file.read_text(encoding="utf-8")
    assert whole.count(place) == 1, (path, place)
    file.write_text(whole.replace(place, text + place if before else place + text), encoding="utf-8")


def a_metric(tree: Path) -> None:
    """CONTRIBUTING's example, and its name in the file's list."""
    told = re.search(
        r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert told is not None
    add(
        tree,
        "metrics/catalogue/sales.py",
        textwrap.dedent(told[1]) + "\n",
        before="METRICS: tuple[Metric, ...] = (",
    )
    add(tree, "metrics/catalogue/sales.py", "DISCOUNT_RATE, ", after="METRICS: tuple[Metric, ...] = (")


def a_kind(tree: Path) -> None:
    """CONTRIBUTING's example, and its line in the list."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = re.search(r"channels/connectors/<kind>\.py`\*\*:\n   ```python\n(.*?)   ```", text, re.DOTALL)
    assert told is not None
    kind = textwrap.dedent(told[1])
    (tree / "channels/connectors/kiosk.py").write_text(kind, encoding="utf-8")
    path = "channels/connectors/__init__.py"
    add(
        tree, path, "from channels.connectors.kiosk import KIOSK\n", before="from channels.connectors.segment"
    )
    add(tree, path, "    KIOSK,\n", before=")\nKINDS")


def a_reason(tree: Path) -> None:
    """A code with its sentence, and who raises it."""
    with (tree / "channels/reasons.py").open("a", encoding="utf-8") as file:
        file.write(REASON)
    raised = '        if name == "Rehearsal":\n            raise Rejection(REHEARSAL, "event", value=name)\n'
    add(tree, "channels/mapping/cleaning.py", raised, before="        row = vocabulary.event(name)\n")
    add(tree, "channels/mapping/cleaning.py", "    REHEARSAL,\n", after="    NO_IDENTITY,\n")


def a_page(tree: Path) -> None:
    """A view, its template, and a line for its address and for the navigation."""
    (tree / "console/customer/busiest.py").write_text(PAGE.lstrip(), encoding="utf-8")
    (tree / "templates/customer/busiest.html").write_text(TEMPLATE, encoding="utf-8")
    add(
        tree,
        "console/urls.py",
        "from console.customer import busiest\n",
        after="from django.urls import path\n",
    )
    add(
        tree,
        "console/urls.py",
        '    path("busiest/", busiest.show, name="busiest"),\n',
        after="urlpatterns = [\n",
    )
    add(tree, "console/navigation.py", '    "busiest": "customers",\n', after="BELOW = {\n")


def run(tree: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What the program says of the copy."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tree,
        env=environment
        | {
            "DJANGO_SETTINGS_MODULE": "cdp.settings",
            "PYTHONPATH": str(tree),
            "BUILT_STATIC": "0",
            "ALLOWED_HOSTS": "*",
        },
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_metric_a_kind_a_page_and_a_reason_need_only_what_contributing_says(
    tree: Path, servers: Any, db: None
) -> None:
    a_metric(tree)
    a_kind(tree)
    a_reason(tree)
    a_page(tree)
    found = run(tree, servers.environment())
    assert found["metric"]["numerator"] == "10"
    assert found["metric"]["denominator"] == "94.5"  # with the kiosk's
    assert found["rows"] == ["o1"]
    assert found["listed"] == ["Discount rate"]
    assert found["reject"] == ["rehearsal", "“Rehearsal” is the name of a rehearsal."]
    assert found["kiosk"] == [[200, 401, 200], "2", "Kiosk"]
    assert found["page"] == [200, True]


def test_what_a_declaration_lacks_is_said_at_once(tree: Path, servers: Any) -> None:
    a_metric(tree)
    path = tree / "metrics/catalogue/sales.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace('    label=_("Discounts given"),\n', ""), encoding="utf-8"
    )
    with pytest.raises(AssertionError, match=r"'discounts'.*label="):
        run(tree, servers.environment())
