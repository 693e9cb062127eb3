"""What a process remembers to be quick, and can forget: `functools.lru_cache`, listed. Not here: when (tasks.py)."""

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, TypeVar

T = TypeVar("T")

_ALL: "list[_lru_cache_wrapper[Any]]" = []


def remembered(most: int) -> "Callable[[Callable[..., T]], _lru_cache_wrapper[T]]":
    """A decorator: the answers of a function of its arguments alone, up to a number of them."""

    def wrap(function: Callable[..., T]) -> "_lru_cache_wrapper[T]":
        wrapped = lru_cache(maxsize=most)(function)
        _ALL.append(wrapped)
        return wrapped

    return wrap


def forget() -> None:
    """All of it: it is made again when it is asked for."""
    for wrapped in _ALL:
        wrapped.cache_clear()
