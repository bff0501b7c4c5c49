"""A trained network as those who use it see it: grey images in; digit, probabilities and whether to reject out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self, TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lenet5.data.mnist import BACKGROUND, FOREGROUND
from lenet5.data.patterns import MARGIN, SIDE, network_input
from lenet5.evaluation import scores_of
from lenet5.models.lenet import build
from lenet5.models.sizes import Sizes
from lenet5.rejection import margins

Floats = npt.NDArray[np.float64]
Greys = npt.NDArray[np.uint8]

REJECTED_PCT = 1.8
"""Share of training patterns below the rejection threshold: what LeNet-4 rejects in Fig. 10. LeNet-5 has no bar there,
and networks that err on less than 0.5 % of their training patterns cannot be held to the figure's 0.5 % error."""
EXPECTED = f"expected one image [{SIDE}, {SIDE}] or several [n, {SIDE}, {SIDE}], of whole numbers from 0 to 255"


class Answer(TypedDict):
    """What is said of one image."""

    digit: int
    probabilities: list[float]
    """Of the ten digits, by eq. 9; they and `rubbish` add up to 1."""
    rubbish: float
    """Probability of eq. 9's rubbish class: that it is no digit. 0 with a softmax head."""
    margin: float
    """Difference between the two best scores, which rejection goes by (section III.D, Fig. 10)."""
    reject: bool


@dataclass(frozen=True)
class Description:
    """All that a network is besides its weights; the names are those of params.yaml."""

    network: str
    head: str
    sizes: Sizes
    j: float
    energy_scale: float
    rejection_threshold: float

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The description that `as_dict` gave."""
        return cls(**{**content, "sizes": Sizes(**content["sizes"])})

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Recogniser:
    """A trained network that answers for raw images.

    It computes in double precision: there LeNet-5 goes layer by layer, and a server's first answer waits for no
    compiler. Its scores are those of `scores_of` but for rounding.
    """

    def __init__(self, description: Description, weights: Mapping[str, Tensor]) -> None:
        """Raises RuntimeError if the weights are of another network."""
        self.description = description
        self.network = build(description.network, description.head, description.sizes)
        self.network.load_state_dict(weights)
        self.network.double().eval()

    def answers(self, images: Greys, threshold: float | None = None) -> list[Answer]:
        """What each of the images [n, 28, 28] is; `threshold`, a difference of scores, replaces the network's own."""
        scores = self.scores(images)
        probabilities = self.probabilities(scores)
        limit = self.description.rejection_threshold if threshold is None else threshold
        return [
            Answer(digit=digit, probabilities=row[:10], rubbish=row[10], margin=margin, reject=margin < limit)
            for digit, row, margin in zip(
                scores.argmax(1).tolist(), probabilities.tolist(), margins(scores).tolist(), strict=True
            )
        ]

    def scores(self, images: Greys) -> Floats:
        """[n, 28, 28] -> scores [n, 10], larger is better."""
        scores: Floats = scores_of(self.network, torch.from_numpy(network_input(images)).double()).numpy()
        return scores

    def probabilities(self, scores: Floats) -> Floats:
        """Scores [n, 10] -> [n, 11]: of the ten digits, and of the rubbish class; each row adds up to 1.

        The RBF head's are those whose logarithm eq. 9 trains: e^-y_i / (e^-j + sum of e^-y), y the penalties times
        `energy_scale`. The softmax head has no rubbish class.
        """
        by_penalty = self.description.head == "rbf"
        logits = self.description.energy_scale * scores if by_penalty else scores
        rubbish = -self.description.j if by_penalty else -np.inf
        logits = np.pad(logits, ((0, 0), (0, 1)), constant_values=rubbish)
        likelihoods = np.exp(logits - logits.max(axis=1, keepdims=True))
        normalised: Floats = likelihoods / likelihoods.sum(axis=1, keepdims=True)
        return normalised


def rejection_threshold(training_scores: npt.NDArray[Any]) -> float:
    """The margin below which lie `REJECTED_PCT` of the training patterns, whose scores [n, 10] are given."""
    return float(np.quantile(margins(training_scores), REJECTED_PCT / 100))


def greys_of(inputs: npt.NDArray[np.float32]) -> Greys:
    """Network inputs [n, 32, 32] -> the images [n, 28, 28] that they were made from."""
    inner = inputs[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    greys: Greys = np.rint((inner - BACKGROUND) / (FOREGROUND - BACKGROUND) * 255).astype(np.uint8)
    return greys


def checked_images(value: Any) -> Greys:
    """Nested lists or an array that a person sent, as images [n, 28, 28].

    Raises:
        ValueError: they are no images; one line says what is wrong and what would be right.
    """
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"rows or images differ in length; {EXPECTED}") from error
    if array.size == 0 and array.ndim <= 3:
        raise ValueError(f"there is no image; {EXPECTED}")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"there is something else than numbers; {EXPECTED}")
    if array.shape[-2:] != (SIDE, SIDE) or array.ndim > 3:
        raise ValueError(f"the shape is {list(array.shape)}; {EXPECTED}")
    images = array.reshape(-1, SIDE, SIDE)
    with np.errstate(invalid="ignore"):
        wrong = ~((images >= 0) & (images <= 255) & (images == np.rint(images)))
    if wrong.any():
        image, row, column = np.argwhere(wrong)[0].tolist()
        found = images[image, row, column]
        raise ValueError(f"image {image} has {found} at row {row}, column {column}; {EXPECTED}")
    return images.astype(np.uint8)
