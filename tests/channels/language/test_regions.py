"""Chinese addresses: every place of the list is found again, nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.language import regions
from channels.language.regions import Found, Place

EVERY = sorted({place for place, _short in regions._places()})


def written(place: Place) -> str:
    return "".join(dict.fromkeys(place))


def test_the_list_is_a_whole_country() -> None:
    assert len({place.province for place in EVERY}) == 34
    assert len(EVERY) > 3_000


def test_every_place_is_read_back() -> None:
    wrong = [
        place
        for place in EVERY
        if (found := regions.read(written(place) + "人民路1号")) is None
        or (found.province, found.district, found.street) != (place.province, place.district, "人民路1号")
        or (place.city and found.city != place.city)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("浙江省杭州市西湖区文三路90号", ("浙江省", "杭州市", "西湖区", "文三路90号")),
        ("浙江 杭州，西湖区 文三路90号", ("浙江省", "杭州市", "西湖区", "文三路90号")),
        ("中国浙江省-杭州市-余杭区", ("浙江省", "杭州市", "余杭区", "")),
        ("上海 上海市 浦东新区 世纪大道", ("上海市", "上海市", "浦东新区", "世纪大道")),
        ("北京市市辖区海淀区中关村", ("北京市", "北京市", "海淀区", "中关村")),
        ("北京朝阳区望京街", ("北京市", "北京市", "朝阳区", "望京街")),
        ("重庆市县云阳县", ("重庆市", "重庆市", "云阳县", "")),
        ("吉林长春朝阳区", ("吉林省", "长春市", "朝阳区", "")),
        ("吉林省吉林市船营区", ("吉林省", "吉林市", "船营区", "")),
        ("内蒙古呼和浩特新城区", ("内蒙古自治区", "呼和浩特市", "新城区", "")),
        ("凉山西昌市", ("四川省", "凉山彝族自治州", "西昌市", "")),
        ("甘肃临夏", ("甘肃省", "临夏回族自治州", "", "")),
        ("江苏昆山市花桥镇", ("江苏省", "苏州市", "昆山市", "花桥镇")),
        ("广东省东莞市南城街道", ("广东省", "东莞市", "", "南城街道")),
        ("湖北省仙桃市干河路", ("湖北省", "仙桃市", "", "干河路")),
        ("香港特别行政区中西区", ("香港特别行政区", "", "", "中西区")),
        ("江苏省鼓楼区中山路", ("江苏省", "", "鼓楼区", "中山路")),  # of Nanjing or of Xuzhou
        ("朝阳区望京", ("", "", "朝阳区", "望京")),
    ],
)
def test_an_address_is_read_level_by_level(text: str, found: tuple[str, ...]) -> None:
    assert regions.read(text) == Found(*found)


@pytest.mark.parametrize(
    "text", ["南京路100号", "中山北路1号", "吉林大路", "海南", "Berlin", "", None, 7, {}]
)
def test_what_is_no_place_or_several_says_nothing(text: object) -> None:
    assert regions.read(text) is None


@given(st.text(alphabet="浙江省杭州市西湖区吉林上海县自治中国 -路1", max_size=30))
def test_any_text_is_read_and_no_character_is_made_up(text: str) -> None:
    found = regions.read(text)
    if found is None:
        return
    assert found.street in regions._BLANKS.sub("", text)
    assert any(found[:3])
    if found.city:
        assert any(place.province == found.province and place.city == found.city for place in EVERY)
