"""What a stage that trains does with results: all must be there."""

from collections.abc import Sequence

from lenet5.errors import UserError
from lenet5.training.job import JobFailure, TrainingResult


def finished(names: Sequence[str], results: Sequence[TrainingResult | JobFailure]) -> list[TrainingResult]:
    """`results`, all of which must be there.

    Raises:
        UserError: a training failed; the line says which one and why.
    """
    for name, result in zip(names, results, strict=True):
        if isinstance(result, JobFailure):
            raise UserError(f"{name}: {result.reason}")
    return [result for result in results if isinstance(result, TrainingResult)]
