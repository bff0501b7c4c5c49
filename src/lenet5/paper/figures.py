"""What Figs. 6 to 8 and 10 to 12 of the paper show: figures.yaml, figure_7.csv and figure_8.csv beside this file."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from lenet5.blocks import Block, Name
from lenet5.paper.published import Percent, Text
from lenet5.paper.reading import columns_of, parse_yaml, text_of

Count = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0)]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MAP_COLUMNS = ("x_step", "y_step", "shear", "x_shift", "y_shift")


class TrainingSet(Block):
    """A point of Fig. 6: errors in percent after training on `patterns` patterns; None where the figure has none."""

    label: Text
    patterns: Count
    distortions: bool
    test_error_pct: Percent
    train_error_pct: Percent | None


class TrainingSets(Block):
    """Fig. 6, digitised."""

    source: Text
    reading_error_pct: Percent
    points: Annotated[dict[Name, TrainingSet], Field(min_length=1)]


class Rejection(Block):
    """Fig. 10: by classifier, the percentage to reject for `remaining_error_pct` on the rest."""

    source: Text
    remaining_error_pct: Percent
    bars: Annotated[dict[Text, Percent], Field(min_length=1)]


class Cost(Block):
    """A bar of Fig. 11 and one of Fig. 12, in thousands."""

    multiply_adds: Positive
    variables: Positive


class Costs(Block):
    """Figs. 11 and 12; `network` is the bar of the network that this project trains."""

    source_multiply_adds: Text
    source_variables: Text
    network: Text
    thousands: Annotated[dict[Text, Cost], Field(min_length=1)]


class Network(Block):
    """Sizes that the text states."""

    source: Text
    connections: Count
    trainable: Count


class Convergence(Block):
    """Between which passes the curves of Fig. 5 converge."""

    source: Text
    first_pass: Count
    last_pass: Count


class FirstPassRates(Block):
    """Between which effective learning rates the first pass goes, as the text says."""

    source: Text
    lowest: Positive
    highest: Positive


class Identified(Block):
    """Images of a figure that were found again in MNIST, and how."""

    source: Text
    identified: Text


class MisclassifiedSource(Identified):
    """Whose errors they are: a key of published.yaml."""

    result: Name


class PaperFigures(Block):
    """The whole of figures.yaml."""

    training_sets: TrainingSets
    rejection: Rejection
    costs: Costs
    network: Network
    convergence: Convergence
    first_pass_rates: FirstPassRates
    distorted_patterns: Identified
    misclassified: MisclassifiedSource


@dataclass(frozen=True)
class FittedMaps:
    """The hundred patterns of Fig. 7, row by row: the training pattern behind each and the map fitted to it [100].

    `maps` [100, 5] has the columns x-step, y-step, shear, x-shift, y-shift, as the project's own distortions do;
    `tilt` is what those have no room for, the rows that the source falls per column.
    """

    digit: Integers
    training_index: Integers
    maps: Floats
    tilt: Floats
    correlation: Floats


@dataclass(frozen=True)
class MisclassifiedIn1998:
    """The test patterns of Fig. 8 [82]: index from 0 in the test file, true digit, what LeNet-5 took it for."""

    index: Integers
    label: Integers
    predicted: Integers

    def correct(self, patterns: int) -> npt.NDArray[np.bool_]:
        """Whether the network of 1998 was right on each of the `patterns` test patterns."""
        right = np.ones(patterns, dtype=bool)
        right[self.index] = False
        return right


@cache
def load_figures() -> PaperFigures:
    """Read and validate figures.yaml.

    Raises:
        UserError: the file is not valid; the line names the first bad key.
    """
    return parse_yaml(text_of("figures.yaml"), "figures.yaml", PaperFigures)


def load_fitted_maps() -> FittedMaps:
    """Read the maps fitted to Fig. 7."""
    columns = columns_of("figure_7.csv")
    floats = {name: np.array(columns[name], dtype=np.float64) for name in (*MAP_COLUMNS, "tilt", "correlation")}
    return FittedMaps(
        digit=np.array(columns["digit"], dtype=np.int64),
        training_index=np.array(columns["training_index"], dtype=np.int64),
        maps=np.stack([floats[name] for name in MAP_COLUMNS], axis=1),
        tilt=floats["tilt"],
        correlation=floats["correlation"],
    )


def load_misclassified() -> MisclassifiedIn1998:
    """Read the patterns of Fig. 8."""
    columns = {name: np.array(values, dtype=np.int64) for name, values in columns_of("figure_8.csv").items()}
    return MisclassifiedIn1998(columns["index"], columns["label"], columns["predicted"])
