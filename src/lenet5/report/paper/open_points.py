"""The section on what the paper leaves open, and what was tried for it."""

import math
from collections.abc import Iterator

from lenet5.choices import Choice
from lenet5.paper.figures import FirstPassRates, PaperFigures
from lenet5.report.markdown import table
from lenet5.report.paper.findings import Findings

HEADS = (
    "question", "tried", "validation error [%]:", "change [points]:", "training error [%]:", "rates in pass 1:",
    "as the paper says",
)  # fmt: skip
NEAR = 1.5


def open_points_section(findings: Findings, figures: PaperFigures) -> str:
    """Everything that was tried, with the range of rates that the paper quotes as a test of each."""
    rates = figures.first_pass_rates
    seeds = len(findings.tried.choices[0].val_errors_pct)
    return f"""## What the paper leaves open

![Validation errors of all that was tried](figures/choices.png)

Each line changes one thing of the first guess, which is the block `conventions` of
[pipeline/paper/params.yaml](../../pipeline/paper/params.yaml). Tried on patterns of the training set that were set
aside, with {seeds} seeds each; the test set had no part in it. Errors are means over the seeds; the change is that of
the validation error, seed by seed, with its standard error. **{findings.tried.chosen}** was chosen. What the paper
states otherwise (in italics, hollow in the figure) was tried to see what it matters, not to be chosen.

The paper says between which rates the first pass went, {rates.lowest:g} to {rates.highest:g} ({rates.source}): a
reading of the method that goes far outside is not the paper's. "Yes" means that both ends agree within a factor of
{NEAR:g}.

{table(HEADS, (line(choice, rates) for choice in findings.tried.choices))}
[choices.csv](choices.csv) has every training by itself.

![Between which rates the weights of each parameter lie in the first pass, and the paper's range](figures/rates.png)

The rates of what was chosen, parameter by parameter; [rates.csv](rates.csv) has those of all that was tried.
"""


def line(choice: Choice, rates: FirstPassRates) -> tuple[str, ...]:
    """One choice."""
    as_stated = near(choice.lowest_rate, rates.lowest) and near(choice.highest_rate, rates.highest)
    return (
        choice.question,
        f"*{choice.choice}*" if choice.stated else choice.choice,
        f"{choice.val_error_pct:.2f}",
        " ± ".join(changed(choice)),
        f"{sum(choice.train_errors_pct) / len(choice.train_errors_pct):.2f}",
        f"{choice.lowest_rate:.2g} to {choice.highest_rate:.2g}",
        "yes" if as_stated else "no",
    )


def changed(choice: Choice) -> Iterator[str]:
    """The change and its standard error, as far as there are such."""
    if choice.change_pct is not None:
        difference, error = choice.change_pct
        yield f"{difference:+.2f}"
        if not math.isnan(error):
            yield f"{error:.2f}"


def near(rate: float, published: float) -> bool:
    """Whether a rate is the published one but for a factor of `NEAR`."""
    return published / NEAR <= rate <= published * NEAR
