"""When people shop: weekends, hours and the promotions of the Chinese retail year. Not here: at what price."""

import datetime as dt
from typing import NamedTuple

SPRING_FESTIVAL = {  # new year's day of the lunar calendar
    2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6),
    2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11),
}  # fmt: skip
WEEKEND = 1.16
HOURS = (1, 1, 0, 0, 0, 0, 1, 2, 4, 5, 6, 6, 7, 6, 5, 5, 5, 5, 6, 8, 10, 11, 8, 4)  # online, weight by hour
SHOP_HOURS = (0,) * 10 + (3, 4, 5, 4, 5, 6, 6, 6, 7, 7, 5, 3) + (0, 0)
HOUR, DAY = 3_600_000, 86_400_000  # milliseconds


class Promotion(NamedTuple):
    """A sale of all channels: dates inclusive, `depth` = share taken off, `code` its coupon and campaign."""

    code: str
    first: dt.date
    last: dt.date
    depth: float


def _of_year(year: int) -> list[Promotion]:
    """The promotions that begin in a year."""
    date = dt.date
    found = [
        Promotion("women-day", date(year, 3, 5), date(year, 3, 8), 0.08),
        Promotion("618", date(year, 6, 13), date(year, 6, 18), 0.14),
        Promotion("autumn-home", date(year, 9, 12), date(year, 9, 15), 0.08),
        Promotion("double-11", date(year, 10, 31), date(year, 11, 11), 0.18),
        Promotion("double-12", date(year, 12, 10), date(year, 12, 12), 0.10),
    ]
    if year in SPRING_FESTIVAL:
        eve = date(year, *SPRING_FESTIVAL[year]) - dt.timedelta(days=1)
        found.append(
            Promotion("spring-festival", eve - dt.timedelta(days=12), eve - dt.timedelta(days=3), 0.12)
        )
    return found


def promotions(first: dt.date, last: dt.date) -> list[Promotion]:
    """All that touch a period, by their first day."""
    years = range(first.year - 1, last.year + 1)
    found = [sale for year in years for sale in _of_year(year) if sale.last >= first and sale.first <= last]
    return sorted(found, key=lambda sale: sale.first)


def demand(day: dt.date) -> float:
    """How busy a day is; 1 is an ordinary weekday."""
    factor = WEEKEND if day.weekday() >= 5 else 1.0
    month_day = (day.month, day.day)
    if (6, 13) <= month_day <= (6, 18):
        factor *= 1.9
    elif month_day == (11, 11):
        factor *= 2.9
    elif month_day == (11, 10):
        factor *= 1.9
    elif (10, 31) <= month_day <= (11, 12):
        factor *= 1.3
    elif (12, 10) <= month_day <= (12, 12):
        factor *= 1.5
    elif (11, 13) <= month_day <= (11, 25):
        factor *= 0.86
    return factor * _spring(day)


def _spring(day: dt.date) -> float:
    """Before the Spring Festival people shop, during it parcels rest."""
    if day.year not in SPRING_FESTIVAL:
        return 1.0
    away = (day - dt.date(day.year, *SPRING_FESTIVAL[day.year])).days
    if -14 <= away <= -4:
        return 1.45
    return 0.55 if -1 <= away <= 6 else 1.0
