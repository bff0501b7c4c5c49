"""From the results of the paper's experiment to what its page tells."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lenet5.against_1998 import Against1998, against_1998, gain
from lenet5.costs import count_lenet5
from lenet5.errors import UserError
from lenet5.fits import centre_row, fitted_ranges
from lenet5.learning_curves import compare_curves, settled_after
from lenet5.overlap import compare_shares
from lenet5.paper.figures import FittedMaps, MisclassifiedIn1998, PaperFigures
from lenet5.paper.published import Published, PublishedResult
from lenet5.params import Compare, Distortions
from lenet5.rejection import RejectionCurve, rejection_curve
from lenet5.report.choices import ChoiceLine, by_question
from lenet5.report.paper.findings import Findings, Rejected
from lenet5.report.tables import ComparedRow
from lenet5.statistics import judge, summarise
from pipeline.paper.files import PREDICTIONS
from pipeline.paper.results import RowResults

PLAIN, DISTORTED = "lenet5", "lenet5-dist"
SETTLED_WITHIN_PCT = 0.1
Results = Mapping[str, RowResults]


def analyse(
    results: Results,
    choices: Sequence[ChoiceLine],
    published: Published,
    figures: PaperFigures,
    fits: FittedMaps,
    wrong_1998: MisclassifiedIn1998,
    compare: Compare,
    distortions: Distortions,
) -> Findings:
    """Lay all results beside the paper.

    Raises:
        UserError: the predictions are not of the paper's test set.
    """
    plain, distorted = results[PLAIN], results[DISTORTED]
    pair = {PLAIN: plain, DISTORTED: distorted}
    curves, patterns = published.training_curves, plain.correct.shape[1]
    reading = curves.reading_error_pct
    trained_on = figures.training_sets.points[PLAIN].patterns
    right_1998 = wrong_1998.correct(patterns)
    missed_again = (~distorted.correct[:, wrong_1998.index]).sum(axis=0)
    return Findings(
        plain=PLAIN,
        distorted=DISTORTED,
        compared={row: compare_row(row, found, published, figures, compare) for row, found in results.items()},
        test_curve=compare_curves(plain.test_curves, np.array(curves.test_error_pct), patterns, reading),
        train_curve=compare_curves(plain.train_curves, np.array(curves.train_error_pct), trained_on, reading),
        settled_after=[settled_after(curve, SETTLED_WITHIN_PCT) for curve in plain.test_curves],
        gain=gain(distorted.correct, plain.correct, compare.confidence),
        against_1998={row: beside_1998(row, found, wrong_1998) for row, found in pair.items()},
        shares={row: compare_shares(found.correct, right_1998, compare.confidence) for row, found in pair.items()},
        missed_again=np.bincount(missed_again, minlength=len(distorted.correct) + 1).tolist(),
        rejected={row: rejected(found, figures.rejection.remaining_error_pct) for row, found in pair.items()},
        counted=count_lenet5(),
        fitted=fitted_ranges(fits.maps, distortions),
        centre=centre_row(fits.maps, distortions.scale_centre_row),
        largest_tilt=float(np.abs(fits.tilt).max()),
        choices=by_question(choices),
    )


def compare_row(
    row: str, results: RowResults, published: Published, figures: PaperFigures, compare: Compare
) -> ComparedRow:
    """Summarise a row over its seeds and judge it against the bar of Fig. 9, or else the point of Fig. 6."""
    uncertainty = published.uncertainty.pct
    result = published.results.get(row)
    if result is None:
        sets = figures.training_sets
        point = sets.points[row]
        label, source = f"LeNet-5, {point.label} patterns", f"{sets.source}, digitised"
        result = PublishedResult(label=label, error_pct=point.test_error_pct, source=source)
        uncertainty = math.hypot(uncertainty, sets.reading_error_pct)
    summary = summarise(results.correct, compare.confidence)
    verdict = judge(summary, result.error_pct, uncertainty, compare.confidence, compare.equivalence_margin_pct)
    return ComparedRow(row, result, summary, verdict)


def beside_1998(row: str, results: RowResults, wrong_1998: MisclassifiedIn1998) -> dict[int, Against1998]:
    """Each network of a row beside that of 1998, by seed."""
    try:
        return {
            seed: against_1998(found.label, found.predicted, wrong_1998) for seed, found in results.predictions.items()
        }
    except ValueError as error:
        raise UserError(f"{PREDICTIONS / row}: {error}") from error


def rejected(results: RowResults, remaining_error_pct: float) -> dict[int, Rejected]:
    """What each network must reject for so few errors, by seed."""
    found = {}
    for seed, curve in rejection_curves(results).items():
        cut = curve.first_at(remaining_error_pct)
        at_cut = (values[cut] for values in (curve.rejected_pct, curve.threshold, curve.remaining_error_pct))
        found[seed] = Rejected(float(curve.remaining_error_pct[0]), *map(float, at_cut))
    return found


def rejection_curves(results: RowResults) -> dict[int, RejectionCurve]:
    """The rejection curve of each network, by seed."""
    return {
        seed: rejection_curve(found.scores, found.predicted == found.label)
        for seed, found in results.predictions.items()
    }
