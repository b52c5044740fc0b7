"""The base of every parameter model: strict types, no unknown keys, unchangeable after load."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Model(BaseModel):
    """A part of ``parameters/``. An unknown key is a fault; text is never taken for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _as_word(value: Any) -> Any:
    """2024 as "2024". Leading zeros were refused by the reader, so no digit can be lost here."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Word = Annotated[str, BeforeValidator(_as_word)]
"""A short text that may be written as a whole number without quotes: a wave, a delivered value."""


def _as_tuple(value: Any) -> Any:
    """YAML has lists only; strict models want a tuple where the number of values is fixed."""
    return tuple(value) if isinstance(value, list) else value


FromList = BeforeValidator(_as_tuple)
"""Put on a tuple field: ``span: Annotated[tuple[int, int], FromList]``."""


Count = Annotated[int, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
