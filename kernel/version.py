"""Which Huiliu this is: the version that pyproject.toml says, read there and nowhere else."""

import tomllib
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


@cache
def version() -> str:
    """As in the changelog: 0.2.0."""
    with PROJECT.open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
