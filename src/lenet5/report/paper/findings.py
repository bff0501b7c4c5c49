"""What the paper's own experiment found, as its page and its tables need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lenet5.against_1998 import Against1998, Gain
from lenet5.choices import Tried
from lenet5.costs import Counted
from lenet5.fits import Fits
from lenet5.learning_curves import CurveDifference
from lenet5.overlap import SharedShares
from lenet5.report.tables import ComparedRow


@dataclass(frozen=True)
class Rejected:
    """One network's rejection at the error rate of Fig. 10; all in percent but the threshold."""

    error_pct: float
    rejected_pct: float
    threshold: float
    remaining_error_pct: float


@dataclass(frozen=True)
class Findings:
    """Everything that is laid beside the paper; "plain" is the row without distortions, "distorted" the one with."""

    plain: str
    distorted: str
    compared: Mapping[str, ComparedRow]
    """By row."""
    test_curve: CurveDifference
    train_curve: CurveDifference
    settled_after: Sequence[int]
    """By seed of the plain row: the pass after which the test error stays within 0.1 points of its last value."""
    gain: Gain
    """Of the distortions."""
    against_1998: Mapping[str, Mapping[int, Against1998]]
    """By row and seed."""
    shares: Mapping[str, SharedShares | None]
    missed_again: Sequence[int]
    """How many of the 82 are missed by 0, 1, 2, ... of the distorted networks."""
    rejected: Mapping[str, Mapping[int, Rejected]]
    counted: Counted
    fits: Fits
    tried: Tried
