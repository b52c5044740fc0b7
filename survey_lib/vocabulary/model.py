"""The base of every parameter model: strict types, no unknown keys, unchangeable after load."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of ``parameters/``. An unknown key is a fault, and text is never taken for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
