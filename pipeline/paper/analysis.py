"""From the results of the paper's experiment to what its page tells."""

import math
from collections.abc import Mapping

import numpy as np

from lenet5.against_1998 import Against1998, against_1998, gain
from lenet5.choices import Tried
from lenet5.costs import count_lenet5
from lenet5.errors import UserError
from lenet5.fits import beside
from lenet5.learning_curves import CurveDifference, compare_curves, settled_after
from lenet5.overlap import compare_shares
from lenet5.paper.figures import MisclassifiedIn1998
from lenet5.paper.whole import Paper
from lenet5.params import Compare, Distortions
from lenet5.rejection import RejectionCurve, rejection_curve
from lenet5.report.paper.findings import Findings, Rejected
from lenet5.report.tables import ComparedRow
from lenet5.statistics import judge, summarise
from pipeline.paper.files import CURVES, PREDICTIONS
from pipeline.paper.results import RowResults

PLAIN, DISTORTED = "lenet5", "lenet5-dist"
SETTLED_WITHIN_PCT = 0.1
Results = Mapping[str, RowResults]


def analyse(
    results: Results,
    keys: Mapping[str, str],
    tried: Tried,
    publication: Paper,
    compare: Compare,
    distortions: Distortions,
) -> Findings:
    """Lay all results beside the paper.

    Args:
        keys: the published result that each row is judged by.

    Raises:
        UserError: the predictions are not of the paper's test set, or a key is unknown.
    """
    plain, distorted = results[PLAIN], results[DISTORTED]
    pair = {PLAIN: plain, DISTORTED: distorted}
    wrong_1998, target_pct = publication.misclassified, publication.figures.rejection.remaining_error_pct
    right_1998 = wrong_1998.correct(plain.correct.shape[1])
    missed_again = (~distorted.correct[:, wrong_1998.index]).sum(axis=0)
    test_curve, train_curve = compare_with_fig_5(plain, publication)
    return Findings(
        plain=PLAIN,
        distorted=DISTORTED,
        compared={row: compare_row(row, results[row], key, publication, compare) for row, key in keys.items()},
        test_curve=test_curve,
        train_curve=train_curve,
        settled_after=[settled_after(curve, SETTLED_WITHIN_PCT) for curve in plain.test_curves],
        gain=gain(distorted.correct, plain.correct, compare.confidence),
        against_1998={row: beside_1998(row, found, wrong_1998) for row, found in pair.items()},
        shares={row: compare_shares(found.correct, right_1998, compare.confidence) for row, found in pair.items()},
        missed_again=np.bincount(missed_again, minlength=len(distorted.correct) + 1).tolist(),
        rejected={row: rejected(found, target_pct) for row, found in pair.items()},
        counted=count_lenet5(),
        fits=beside(publication.fitted_maps, distortions),
        tried=tried,
    )


def compare_with_fig_5(plain: RowResults, publication: Paper) -> tuple[CurveDifference, CurveDifference]:
    """Test and training errors by pass.

    Raises:
        UserError: the row has no curve from the first pass on.
    """
    if plain.first_pass != 1:
        raise UserError(f"{CURVES}: {PLAIN} must have every pass from 1 on (train.rows.{PLAIN}.every_pass)")
    curves = publication.published.training_curves
    trained_on = publication.figures.training_sets.points[PLAIN].patterns
    reading = curves.reading_error_pct
    test_error_pct, train_error_pct = np.array(curves.test_error_pct), np.array(curves.train_error_pct)
    return (
        compare_curves(plain.test_curves, test_error_pct, plain.correct.shape[1], reading),
        compare_curves(plain.train_curves, train_error_pct, trained_on, reading),
    )


def compare_row(row: str, results: RowResults, key: str, publication: Paper, compare: Compare) -> ComparedRow:
    """Summarise a row over its seeds and judge it against the published result named `key`."""
    result, uncertainty_pct = publication.error_of(key, f"train.rows.{row}.paper")
    summary = summarise(results.correct, compare.confidence)
    verdict = judge(summary, result.error_pct, uncertainty_pct, compare.confidence, compare.equivalence_margin_pct)
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
        cut, error_pct = curve.first_at(remaining_error_pct), float(curve.remaining_error_pct[0])
        if cut is None:
            found[seed] = Rejected(error_pct, 100.0, math.inf, 0.0)
        else:
            at_cut = (values[cut] for values in (curve.rejected_pct, curve.threshold, curve.remaining_error_pct))
            found[seed] = Rejected(error_pct, *map(float, at_cut))
    return found


def rejection_curves(results: RowResults) -> dict[int, RejectionCurve]:
    """The rejection curve of each network, by seed."""
    return {
        seed: rejection_curve(found.scores, found.predicted == found.label)
        for seed, found in results.predictions.items()
    }
