"""The models there are: a new one is its file here, and its line in MODELS. Not here: paths, rows (answers.py)."""

from collections.abc import Mapping
from typing import Final

from metrics.attribution.models import (
    data_driven,
    first,
    last,
    last_non_direct,
    linear,
    markov,
    position,
    shapley,
    time_decay,
)
from metrics.attribution.models.base import Model

MODELS: Final[tuple[Model, ...]] = (
    first.FIRST,
    last.LAST,
    last_non_direct.LAST_NON_DIRECT,
    linear.LINEAR,
    position.POSITION,
    time_decay.TIME_DECAY,
    markov.MARKOV,
    shapley.SHAPLEY,
    data_driven.DATA_DRIVEN,
)
NAMES: Final = tuple(model.name for model in MODELS)
BY_NAME: Final[Mapping[str, Model]] = {model.name: model for model in MODELS}
