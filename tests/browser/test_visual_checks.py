"""The judge of pages is judged: each fault it should see, on a page made of it, and none on a sound one."""

import pytest

from tests.browser import visual_checks

SHORT = "width:60px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap"
SOUND = f"""<h1>总览</h1><figure><h1>图中的标题</h1></figure>
<div class="card" style="overflow:auto;width:80px"><p style="width:300px">一行可以滚动看到的文字</p></div>
<p translate="no">Rejects</p><pre>Rejects {{{{ raw }}}}</pre>
<p title="总览 总览 总览 总览" style="{SHORT}">总览 总览 总览 总览</p>"""
FAULTS = {
    "scrolls sideways": '<p style="width:900px">总览</p>',
    "clipped": '<p style="width:40px;overflow:hidden;white-space:nowrap">很长的一行文字很长的一行文字</p>',
    "clipped below": '<p style="height:12px;overflow:hidden">一<br>二<br>三</p>',
    "shortened without its whole text": f'<p style="{SHORT}">很长的一行文字很长</p>',
    "text outside": '<div class="card" style="width:50px;white-space:nowrap"><i>很长的一行文字很长</i></div>',
    "cut by its drawing": '<svg width="40" height="20"><text y="12">很长的一行文字</text></svg>',
    "text over text": '<p style="margin-bottom:-36px">第一行</p><p>第二行</p>',
    "a control over text": '<div style="position:relative"><p>很长的一行文字</p>'
    '<button style="position:absolute;left:20px;top:0;width:20px;height:16px" aria-label="抄"></button></div>',
    "its words do not fit": '<input placeholder="手机号、邮箱、会员号、订单号" style="width:60px">',
    "raw text": "<p>%(n)s 条</p>",
    "raw title": '<p title="undefined">总览</p>',
    "broken image": '<img src="data:image/png;base64,AA" alt="图">',
    "not translated: “Rejects”": "<p>Rejects</p>",
    "not translated: “Export CSV”": '<p aria-label="Export CSV">总览</p>',
    "not translated: “3 of 9 events”": "<p>3 of 9 events</p>",
    "not translated: “this is prose nobody translated”": "<p>this is prose nobody translated</p>",
    "2 h1": "<h1>总览</h1>",
    "said by the page": "<script>console.error('said by the page')</script>",
}


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport={"width": 400, "height": 800})
    visual_checks.listen(page)
    yield page
    page.close()


def shown(page, body, language="zh-hans"):
    page.set_content(f'<html lang="{language}"><title>汇流</title><body style="margin:8px">{body}')
    return visual_checks.faults(page)


def test_a_sound_page_has_no_fault(page):
    assert shown(page, SOUND) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen(page, fault):
    found = shown(page, SOUND + FAULTS[fault])
    assert [said for said in found if said.startswith(fault) or fault in said], found


def test_chinese_left_in_an_english_page_is_seen(page):
    assert shown(page, "<h1>Overview</h1><p>拒收区</p>", "en") == ["not English: “拒收区”"]
