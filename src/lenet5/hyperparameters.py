"""What the search chooses and every training needs."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter

from lenet5.blocks import Block

CODE_UNITS = 84
"""Units of F6 that the RBF head needs: its codes are bitmaps of 7x12 pixels."""


class Hyperparameters(Block):
    """How a network is trained, and its sizes; `j` and `energy_scale` belong to the RBF head alone."""

    learning_rate: Annotated[float, Field(gt=0, le=10)]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: Annotated[float, Field(ge=0, le=1)]
    batch_size: Annotated[int, Field(ge=1, le=60_000)]
    j: Annotated[float, Field(gt=0, le=1000)]
    energy_scale: Annotated[float, Field(gt=0, le=10)]
    c1_maps: Annotated[int, Field(ge=1, le=64)] = 6
    c3_maps: Annotated[int, Field(ge=1, le=256)] = 16
    c5_units: Annotated[int, Field(ge=1, le=2048)] = 120
    f6_units: Annotated[int, Field(ge=1, le=2048)] = CODE_UNITS


HYPERPARAMETER: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(Annotated[field.annotation, *field.metadata], config=ConfigDict(strict=True))  # type: ignore[arg-type]
    for name, field in Hyperparameters.model_fields.items()
}
"""What each hyperparameter accepts, on its own."""

PAPER_SIZES: dict[str, int] = {
    name: field.default for name, field in Hyperparameters.model_fields.items() if not field.is_required()
}
"""The numbers of maps and units that stand when nothing else is said."""
