"""Currencies, exact amounts and their rounding. Not here: conversion (metrics), which needs rates."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

# ISO 4217, funds codes and metals left out: nobody is paid in them.
_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
"""
CODES = frozenset(_CODES.split())
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_WITH_FOUR = "CLF UYW"
_MINOR = {
    code: decimals
    for decimals, codes in ((0, _WITHOUT_DECIMALS), (3, _WITH_THREE), (4, _WITH_FOUR))
    for code in codes.split()
}
_UNITS = {code: Decimal(1).scaleb(-_MINOR.get(code, 2)) for code in CODES}

LARGEST = Decimal(10) ** 15  # above it an amount is a mistake
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
LONGEST_NUMBER = 400  # characters


def currency(value: object) -> str | None:
    """The ISO 4217 code that was meant, upper case, or None."""
    if not isinstance(value, str):
        return None
    code = value.strip().upper()
    return code if code in CODES else None


def digits(code: str) -> int:
    """How many decimals the currency's minor unit has."""
    return _MINOR.get(code, 2)


def unit(code: str) -> Decimal:
    """One minor unit: 0.01 for most."""
    return _UNITS.get(code, Decimal("0.01"))


def number(value: object) -> Decimal | None:
    """A JSON number or a string that is one, exactly as written; None for anything else (NaN, infinities too)."""
    if isinstance(value, Decimal):
        return value if value.is_finite() and abs(value.adjusted()) < 1000 else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str) and len(value) <= LONGEST_NUMBER:
        text = value.strip()
        if _NUMBER.match(text):
            return Decimal(text)
    return None


def amount(value: object) -> Decimal | None:
    """An amount as sent: a number from 0 to 10^15, else None."""
    found = number(value)
    return found if found is not None and 0 <= found <= LARGEST else None


def rounded(value: Decimal, code: str) -> Decimal:
    """Half up to the minor unit of the currency, always with its decimals."""
    return value.quantize(unit(code), context=_EXACT)


def at_least(value: Decimal, code: str) -> Decimal:
    """The value as it is, with the decimals of the currency's minor unit where it has fewer, and no idle ones more."""
    kept = rounded(value, code)
    return kept if kept == value else value.normalize(_EXACT)


def shares(total: Decimal, parts: int, code: str) -> list[Decimal]:
    """A total in equal parts of whole minor units; what remains goes to the first ones."""
    step = unit(code)
    whole = int(rounded(total, code) / step)
    each, rest = divmod(whole, parts)
    return [(each + (place < rest)) * step for place in range(parts)]
