"""What every part of params.yaml has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Block(BaseModel):
    """A part of params.yaml: unknown keys are refused, values are never converted silently, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
