"""The section on Fig. 8: which patterns are got wrong, and whether they are those of 1998."""

from collections.abc import Iterator

from lenet5.overlap import SharedShares
from lenet5.paper.figures import PaperFigures
from lenet5.report.markdown import probability, table
from lenet5.report.paper.findings import Findings
from lenet5.report.paper.summary import chance_pct

HEADS = (
    "row", "seed:", "errors:", "among the 82:", "same answer:", "by chance:", "only ours:", "only 1998:",
    "p (McNemar):",
)  # fmt: skip


def errors_section(findings: Findings, figures: PaperFigures) -> str:
    """The patterns, the overlap with the 82, and the paired tests."""
    return f"""## Fig. 8: the misclassified patterns

![Patterns that our first network trained with distortions gets wrong; framed: so did that of 1998](figures/errors.png)

**How the 82 are known.** {figures.misclassified.identified}

{table(HEADS, lines(findings))}
Same answer: taken for the same wrong digit as in 1998. By chance: what would be shared if errors fell on any of the
patterns alike (hypergeometric). McNemar's exact test asks, from the patterns that only one of the two gets wrong,
whether the two differ in their error rates; a p value near 1 does not show that they are equal.
[overlap.csv](overlap.csv) is this table.

{told(findings)}

![How many errors any two networks share, with that of 1998](figures/shared-errors.png)
"""


def lines(findings: Findings) -> Iterator[tuple[str, ...]]:
    """One line a network."""
    for row, networks in findings.against_1998.items():
        for seed, pair in networks.items():
            counts = (pair.errors, pair.shared, pair.same_answer)
            yield (
                row,
                str(seed),
                *map(str, counts),
                f"{pair.expected_by_chance:.1f}",
                str(pair.only_ours),
                str(pair.only_1998),
                probability(pair.mcnemar_p_value),
            )


def told(findings: Findings) -> str:
    """What the overlap says, beside both yardsticks: chance, and how much our own networks share."""
    shares = findings.shares[findings.distorted]
    again, networks = findings.missed_again, len(findings.missed_again) - 1
    missed = f"Of the 82, {again[-1]} are missed by all {networks} of ours with distortions, {again[0]} by none."
    if shares is None:
        return f"{missed} How much two of our networks share cannot be told: that takes two with errors."
    return f"""{missed} The right yardstick is not chance ({chance_pct(findings):.1f} % of the 82) but how much two of
our own networks share, patterns being as hard as they are: of the errors of one, another makes
{shares.among_ours_pct:.0f} %; of the 82, one of ours makes {shares.with_other_pct:.0f} %. The difference is
{shares.difference_pct:+.1f} points ({shares.ci_low_pct:+.1f} to {shares.ci_high_pct:+.1f}): {verdict(shares)} Which
patterns are missed depends on the patterns more than on the training, though: a network that was trained in another way
may well pass this test too."""


def verdict(shares: SharedShares) -> str:
    """The interval in words."""
    if shares.ci_high_pct < 0:
        return "the network of 1998 fails on other patterns than ours do, more than our seeds differ from each other."
    if shares.ci_low_pct > 0:
        return "ours are nearer to that of 1998 than to each other, which no kinship explains."
    return "by its errors, the network of 1998 cannot be told from one more seed of ours."
