"""Whom a comparison is of: persons who met something and persons who did not. Not here: comparing (matching.py)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class People(NamedTuple):
    """Rows, a place each in all of these. Numbers, or numpy's arrays of them; strata of anything that can be sorted."""

    person: Sequence[int]
    exposed: Sequence[bool]
    outcome: Sequence[float]  # 0 or 1, or an amount
    covariates: Mapping[str, Sequence[float]]
    strata: Mapping[str, Sequence[Any]]
