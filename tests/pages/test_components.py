"""The page of components: only where it is switched on, each component with its file's own words, sorted as asked."""

import re

import pytest

from console.components import FOLDER

PAGE = "/_components/"


def test_it_is_there_only_where_it_is_switched_on(signed_in, settings):
    client = signed_in("viewer")
    assert client.get(PAGE).status_code == 200
    settings.COMPONENTS_PAGE = False
    assert client.get(PAGE).status_code == 404


def specimens(text):
    """The page's sections by the name of their component."""
    return dict(
        re.findall(r'class="specimen" id="(\w+)">(.*?)(?=<section class="specimen"|</main>)', text, re.DOTALL)
    )


def test_each_component_stands_there_with_its_own_words(signed_in):
    shown = specimens(signed_in("viewer").get(PAGE).content.decode())
    assert sorted(shown) == sorted(path.stem for path in FOLDER.glob("*.html"))
    assert "&lt;c-filter-chip&gt;" in shown["filter_chip"]
    words = {name: re.search(r'lang="en">(.*?)</p>', text)[1] for name, text in shown.items()}
    assert all(words.values())
    assert words["pager"].endswith("or nothing; the slot: what stands left")


@pytest.mark.parametrize(
    ("ordering", "first"),
    [("", "Tmall"), ("revenue", "Mini-program"), ("name", "Mini-program"), ("x", "Tmall")],
)
def test_its_table_is_sorted_by_its_head(signed_in, ordering, first):
    text = signed_in("viewer").get(PAGE, {"ordering": ordering}).content.decode()
    assert re.search(r'class="chn [\w-]+">([^<]+)<', specimens(text)["table"])[1] == first


def test_a_change_is_judged_as_on_every_page(signed_in):
    text = specimens(signed_in("viewer").get(PAGE).content.decode())["change"]
    tones = re.findall(r'class="delta (\w+)"', text)
    light, dark = tones[: len(tones) // 2], tones[len(tones) // 2 :]
    assert light == dark == ["good", "bad", "good", "bad", "flat", "flat", "flat", "flat"]
