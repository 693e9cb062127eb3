"""`{% load huiliu %}`: numbers, money and dates by language, icons, channel names, addresses with changes.

Not here: how a number is written (kernel/web/format.py), what it means.
"""

from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kernel.web import format, shell, svg

register = template.Library()

register.filter("number", format.number)
register.filter("money", format.money)
register.filter("money_short", format.money_short)
register.filter("percent", format.percent)
register.filter("day", format.near_day)
register.filter("moment", format.moment)
register.filter("clock", format.clock)
register.filter("ago", format.ago)
register.filter("duration", format.duration)
register.filter("zone_name", format.zone_name)
register.filter("initials", format.initials)
register.filter("pretty", format.readable)


DAYS = {"from": "first", "to": "last", "calendar": "calendar"}  # in an address: of an interval


def _field(row: Any, name: str) -> Any:
    return row.get(name, "") if isinstance(row, dict) else getattr(row, name, "")


@register.filter
def day_year(value: Any) -> str:
    """A day with its year."""
    return format.day(value, year=True)


@register.filter
def clock_ms(value: Any) -> str:
    """The time of day to the millisecond."""
    return format.clock(value, milliseconds=True)


@register.filter
def hour_minute(value: Any) -> str:
    """`10:41`."""
    return format.clock(value)[:5]


@register.filter
def channel_name(channel: Any) -> str:
    """A channel's name alone, without its square."""
    return shell.channel_name(channel) if channel else format.NOTHING


@register.filter
def negative(value: Any) -> Any:
    """An amount that is taken away."""
    amount = format.decimal(value)
    return None if amount is None or amount == 0 else -amount


@register.filter
def colour(channel: Any) -> str:
    """The class that carries a channel's colour."""
    return shell.colour(channel)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One drawing of the sprite; it says nothing to a screen reader."""
    return format_html(
        '<svg class="ti {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        extra,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def chn(channel: Any) -> SafeString:
    """A channel by square and name. Text never takes the colour."""
    if not channel:
        return SafeString(format.NOTHING)
    return format_html('<span class="chn {}">{}</span>', shell.colour(channel), shell.channel_name(channel))


@register.simple_tag
def swatch(channel: Any) -> SafeString:
    """A channel's square alone, with its name on hover and focus."""
    if not channel:
        return SafeString("")
    name = shell.channel_name(channel)
    return format_html(
        '<span class="sw {}" data-tip="{}" role="img" aria-label="{}"></span>',
        shell.colour(channel),
        name,
        name,
    )


@register.simple_tag
def delta(change: format.Change | None, tip: str = "") -> SafeString:
    """A change: arrow, figure, word."""
    if not change:
        return format_html('<span class="delta flat">{}</span>', format.NOTHING)
    return format_html(
        '<span class="delta {}"{}>{}{} <span class="w">{}</span></span>',
        change.tone,
        format_html(' data-tip="{}"', tip) if tip else "",
        icon(change.icon),
        change.text,
        change.word,
    )


@register.simple_tag
def share(numerator: Any, denominator: Any) -> SafeString:
    """A percentage with its base on hover and focus."""
    part, whole = format.decimal(numerator), format.decimal(denominator)
    if part is None or not whole:
        return SafeString(format.NOTHING)
    return format_html(
        '<span class="base" tabindex="0" data-tip="{}">{}</span>',
        format.base(part, whole),
        format.percent(part / whole),
    )


@register.simple_tag
def bar(part: Any, whole: Any) -> str:
    """A bar's width, of 100: never with a decimal comma."""
    return f"{svg.width(part, whole)}"


@register.simple_tag(takes_context=True)
def here(context: template.Context, **changes: Any) -> str:
    """This page's address with some parameters changed; an empty one is taken out."""
    request: HttpRequest = context["request"]
    return shell.address(request, **changes)


@register.simple_tag(takes_context=True)
def in_period(context: template.Context, view: str, *args: Any, days: Any = None, **more: Any) -> str:
    """Another page's address with this page's period kept; `days` (first, last, calendar) are there instead of it."""
    if days is not None:
        more |= {"unit": ""} | {name: _field(days, field) for name, field in DAYS.items()}
    return shell.in_period(context["request"], view, *args, **more)


@register.simple_tag(takes_context=True)
def sort_header(
    context: template.Context, name: str, label: str, ordering: str, extra: str = "", rises: bool = False
) -> SafeString:
    """A table head that sorts: large first (`rises`: A first), once more the other way round."""
    current = ordering.lstrip("-") == name
    falling = ordering.startswith("-")
    first = name if rises or name == "name" else f"-{name}"
    other = name if falling else f"-{name}"
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}">{}{}</a></th>',
        extra,
        format_html(' aria-sort="{}"', "descending" if falling else "ascending") if current else "",
        shell.address(context["request"], ordering=other if current else first),
        label,
        format_html(" {}", icon("chevron-down" if falling else "chevron-up")) if current else "",
    )
