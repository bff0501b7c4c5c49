"""The sections on Figs. 5 to 7: how the error falls, with how many patterns, and how patterns are distorted."""

from lenet5.paper.figures import PaperFigures
from lenet5.paper.published import Published
from lenet5.report.markdown import table
from lenet5.report.paper.findings import Findings
from lenet5.report.tables import comparison_csv, comparison_table


def passes_section(findings: Findings, published: Published) -> str:
    """Fig. 5: the curves, and a table of all passes."""
    curves = published.training_curves
    test, train = findings.test_curve, findings.train_curve
    lines = [
        (
            str(number + 1),
            *(f"{value:.2f}" for value in (test.published_pct[number], test.ours_pct[number])),
            difference(float(test.difference_pct[number]), float(test.standard_error_pct[number])),
            *(f"{value:.2f}" for value in (train.published_pct[number], train.ours_pct[number])),
            difference(float(train.difference_pct[number]), float(train.standard_error_pct[number])),
        )
        for number in range(len(test.published_pct))
    ]
    heads = ("pass:", "test, paper:", "here:", "difference:", "training, paper:", "here:", "difference:")
    return f"""## Fig. 5: the error after each pass

![Test and training errors by pass, ours and the paper's](figures/passes.png)

Without distortions. The paper's curves were read off its drawing to about ±{curves.reading_error_pct:g} points; it
has {len(curves.passes)} points a curve, though the text speaks of 20 passes: the last are left out of the table.
Errors are in percent, ours the mean of the seeds; the differences, in points, have their standard error, which counts
the sampling of the patterns on either side, the spread of our seeds (of which the paper's network is taken for one
more) and the reading. In bold: apart by more than two of them.

{table(heads, lines)}"""


def difference(points: float, standard_error: float) -> str:
    """`-0.02 ± 0.14`, bold if it is more than two standard errors."""
    text = f"{points:+.2f} ± {standard_error:.2f}"
    return f"**{text}**" if abs(points) > 2 * standard_error else text


def sizes_section(findings: Findings, figures: PaperFigures) -> str:
    """Fig. 6: what more patterns are good for."""
    sets = figures.training_sets
    gain = findings.gain
    return f"""## Fig. 6: the size of the training set

![Test and training errors by size of the training set, ours and the paper's](figures/set-sizes.png)

{comparison_table(comparison_csv(list(findings.compared.values())))}
The paper's numbers for 15,000 and 30,000 patterns were read off {sets.source} to about ±{sets.reading_error_pct:g}
points, which is counted beside its own uncertainty. [comparison.csv](comparison.csv) is this table. How many passes
the paper made over the smaller sets is not said; here as many as over the whole one.

Distortions gain {gain.gain_pct:.2f} points ({gain.ci_low_pct:.2f} to {gain.ci_high_pct:.2f}), pattern by pattern
between networks of the same seed.
"""


def distortions_section(findings: Findings, figures: PaperFigures) -> str:
    """Fig. 7: the patterns, and the ranges that were fitted to them."""
    lines = [
        (
            found.name,
            f"{found.low:.3f} to {found.high:.3f}",
            f"{found.mean:.3f}",
            f"{found.drawn.low:g} to {found.drawn.high:g}",
            f"{found.p_value:.2f}",
        )
        for found in findings.fits.ranges
    ]
    centre = findings.fits.centre
    row = (f"{centre.fitted:.1f} ± {centre.standard_error:.1f}", "", f"{centre.used:g}", "")
    lines.append(("row that scaling leaves in place", *row))
    heads = ("quantity", "fitted to Fig. 7:", "mean:", "drawn here, evenly:", "p:")
    return f"""## Fig. 7: the distortions

![The patterns of Fig. 7, their distortions redrawn from the fits, and distortions drawn here](figures/distortions.png)

The paper gives no magnitudes. {figures.distorted_patterns.identified} The maps fall at most
{findings.fits.largest_tilt:.3f} rows per column: there is no rotation, as the text says. The middle block is redrawn
from the fits by this project's own code, the right one shows what it draws. p is Kolmogorov and Smirnov's: of a
hundred values as far from evenly spread over our range as the fitted ones.

{table(heads, lines)}
Steps above 1 make characters smaller; shifts are in pixels of the 32x32 field. A hundred patterns say little of how the
ends of the ranges were set, and nothing of rare distortions.
"""
