"""The section on what the paper leaves open, and what was tried for it."""

from collections.abc import Iterator, Mapping

from lenet5.paper.figures import FirstPassRates, PaperFigures
from lenet5.report.choices import Answers, mean_error
from lenet5.report.markdown import table
from lenet5.report.paper.findings import Findings

HEADS = (
    "question", "tried", "seeds:", "passes:", "patterns:", "validation error [%]:", "training error [%]:",
    "rates in pass 1:", "as in the paper",
)  # fmt: skip


def open_points_section(findings: Findings, figures: PaperFigures) -> str:
    """Everything that was tried, with the range of rates that the paper quotes as a test of each."""
    rates = figures.first_pass_rates
    return f"""## What the paper leaves open

![Validation errors of all that was tried](figures/choices.png)

Tried on patterns of the training set that were set aside; the test set had no part in it. Errors are means over the
seeds; in bold the smallest of a question. The paper says between which rates its first pass went, {rates.lowest:g} to
{rates.highest:g} ({rates.source}): a reading of the method that goes far outside is not the paper's. "Yes" means that
both ends agree within a factor of 1.5.

{table(HEADS, lines(findings.choices, rates))}
[choices.csv](choices.csv) has every training by itself.
"""


def lines(questions: Mapping[str, Answers], rates: FirstPassRates) -> Iterator[tuple[str, ...]]:
    """One line a choice, question by question."""
    for question, answers in questions.items():
        best = min(answers, key=lambda choice: mean_error(answers[choice]))
        for choice, tried in answers.items():
            error = f"{mean_error(tried):.2f}"
            lowest = min(each.lowest_rate for each in tried)
            highest = max(each.highest_rate for each in tried)
            yield (
                question,
                choice,
                str(len(tried)),
                str(tried[0].passes),
                f"{tried[0].patterns:,}",
                f"**{error}**" if choice == best else error,
                f"{sum(each.train_error_pct for each in tried) / len(tried):.2f}",
                f"{lowest:.2g} to {highest:.2g}",
                "yes" if near(lowest, rates.lowest) and near(highest, rates.highest) else "no",
            )


def near(rate: float, published: float) -> bool:
    """Whether a rate is the published one but for a factor of 1.5."""
    return published / 1.5 <= rate <= published * 1.5
