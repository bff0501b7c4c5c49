"""The table at the top: one line for each claim of the paper."""

from collections.abc import Iterator

from lenet5.paper.figures import PaperFigures
from lenet5.paper.published import Published
from lenet5.report.markdown import listed, probability, table
from lenet5.report.paper.findings import Findings

Line = tuple[str, str, str, str, str]


def in_short(findings: Findings, figures: PaperFigures) -> str:
    """Where, what, the paper's number, ours, and with what certainty."""
    lines = (
        *error_lines(findings, figures),
        gain_line(findings),
        *curve_lines(findings),
        convergence_line(findings, figures),
        shared_line(findings),
        mcnemar_line(findings),
        rejection_line(findings, figures),
        *cost_lines(findings, figures),
    )
    return table(("figure", "what", "the paper:", "here:", "how sure"), lines)


def verdict(findings: Findings, published: Published) -> str:
    """The question that everything here is about, answered for both rows of Fig. 9."""
    both = [findings.compared[row] for row in (findings.plain, findings.distorted)]
    uncertainty_pct = published.uncertainty.pct
    answers = []
    for compared in both:
        ours, paper = compared.summary.error_pct, compared.published.error_pct
        within = "within" if abs(ours - paper) <= uncertainty_pct else "**not** within"
        answers.append(
            f"{compared.published.label}: {ours:.2f} % here, {paper:g} % in the paper, {within} the ±"
            f"{uncertainty_pct:g} points that the paper gives its figures: **{compared.verdict}**."
        )
    if any(compared.verdict in ("worse", "inconclusive") for compared in both):
        answers.append("What was tried that could explain it is told [below](#what-the-paper-leaves-open).")
    return " ".join(answers)


def error_lines(findings: Findings, figures: PaperFigures) -> Iterator[Line]:
    """The test errors with their verdicts: those that the paper prints, then those that it only draws."""
    printed = [findings.plain, findings.distorted]
    for row in (*printed, *(each for each in findings.compared if each not in printed)):
        compared = findings.compared[row]
        paper = f"{compared.published.error_pct:g} %"
        summary = compared.summary
        yield (
            compared.published.source.split(",")[0],
            f"test error, {compared.published.label}",
            paper if row in printed else f"*{paper}*",
            f"{summary.error_pct:.2f} %",
            f"**{compared.verdict}**; interval {summary.ci_low_pct:.2f} to {summary.ci_high_pct:.2f}",
        )


def gain_line(findings: Findings) -> Line:
    """What distortions gain: whether it is there at all, and as large as the paper's."""
    gain, paper = findings.gain, paper_gain_pct(findings)
    there = "not shown to be other than 0" if gain.ci_low_pct <= 0 <= gain.ci_high_pct else "shown to be other than 0"
    same = "the paper's lies in it" if gain.ci_low_pct <= paper <= gain.ci_high_pct else "the paper's lies outside"
    interval = f"interval {gain.ci_low_pct:.2f} to {gain.ci_high_pct:.2f}: {there}; {same}"
    return ("Fig. 9", "what distortions gain, in points", f"{paper:.2f}", f"{gain.gain_pct:.2f}", interval)


def paper_gain_pct(findings: Findings) -> float:
    """The gain of the distortions in the paper, in percentage points."""
    plain, distorted = (findings.compared[row].published for row in (findings.plain, findings.distorted))
    return plain.error_pct - distorted.error_pct


def curve_lines(findings: Findings) -> Iterator[Line]:
    """Both curves of Fig. 5."""
    for name, curve in (("test", findings.test_curve), ("training", findings.train_curve)):
        passes = len(curve.apart)
        apart = [number + 1 for number in range(passes) if curve.apart[number]]
        told = f"apart by more than two standard errors in {len(apart)} of {passes} passes"
        at = f" ({listed(apart)})" if 0 < len(apart) <= 6 else ""
        paper, ours = curve.published_pct[-1], curve.ours_pct[-1]
        yield ("Fig. 5", f"{name} error after pass {passes}", f"*{paper:.2f} %*", f"{ours:.2f} %", told + at)


def convergence_line(findings: Findings, figures: PaperFigures) -> Line:
    """When the test error stays where it is."""
    settled, paper = findings.settled_after, figures.convergence
    return (
        paper.source.split(",")[0],
        "passes until the test error stays within 0.1 points of its last value",
        f"{paper.first_pass} to {paper.last_pass}",
        f"{min(settled)} to {max(settled)}" if min(settled) < max(settled) else str(settled[0]),
        "over the seeds; the paper does not say what it calls convergence",
    )


def shared_line(findings: Findings) -> Line:
    """The errors shared with the network of 1998, beside those that ours share among themselves."""
    pairs = findings.against_1998[findings.distorted].values()
    shared = sum(pair.shared for pair in pairs) / len(pairs)
    shares = findings.shares[findings.distorted]
    told = "nothing to compare with"
    if shares:
        told = (
            f"{shares.with_other_pct:.0f} % of the 82; two of ours share {shares.among_ours_pct:.0f} % (difference "
            f"{shares.ci_low_pct:+.0f} to {shares.ci_high_pct:+.0f}); chance {chance_pct(findings):.1f} %"
        )
    return ("Fig. 8", "errors of ours, with distortions, among the 82", "82", f"{shared:.1f}", told)


def chance_pct(findings: Findings) -> float:
    """The share of the 82 that chance would let a network of ours miss as well, in percent."""
    pairs = findings.against_1998[findings.distorted].values()
    in_1998 = next(iter(pairs)).shared + next(iter(pairs)).only_1998
    return 100 * sum(pair.expected_by_chance for pair in pairs) / len(pairs) / max(in_1998, 1)


def mcnemar_line(findings: Findings) -> Line:
    """The exact paired test of each network against that of 1998."""
    pairs = findings.against_1998[findings.distorted].values()
    told = f"McNemar's exact test, seed by seed: p = {listed(probability(pair.mcnemar_p_value) for pair in pairs)}"
    errors = listed(pair.errors for pair in pairs)
    return ("Fig. 8", "errors on the 10,000 patterns, with distortions", "82", errors, told)


def rejection_line(findings: Findings, figures: PaperFigures) -> Line:
    """The share to reject; the paper has it for LeNet-5's neighbours alone."""
    bars, target = figures.rejection.bars, figures.rejection.remaining_error_pct
    shares = [each.rejected_pct for each in findings.rejected[findings.distorted].values()]
    return (
        "Fig. 10",
        f"patterns to reject for {target:g} % error on the rest, with distortions",
        f"no bar for LeNet-5 (LeNet-4: {bars['LeNet-4']:g} %, boosted LeNet-4: {bars['[dist] Boosted LeNet-4']:g} %)",
        f"{sum(shares) / len(shares):.2f} %",
        f"{min(shares):.2f} to {max(shares):.2f} over the seeds",
    )


def cost_lines(findings: Findings, figures: PaperFigures) -> Iterator[Line]:
    """Counts, which are exact or not at all."""
    counted, paper = findings.counted, figures.costs.thousands[figures.costs.network]
    both = counted.connections + counted.trainable
    near = round(both / 1000) == paper.multiply_adds
    yield (
        "Fig. 11",
        "multiply-adds for one character, thousands",
        f"{paper.multiply_adds:g}",
        f"{counted.multiply_adds / 1000:.1f}",
        f"counted; the paper's number is {'that' if near else 'not even that'} of connections and variables together "
        f"({both / 1000:.1f})",
    )
    exact = "exact" if counted.trainable == 1000 * paper.variables else "not the same"
    yield (
        "Fig. 12",
        "variables, thousands",
        f"{paper.variables:g}",
        f"{counted.trainable / 1000:g}",
        f"{exact}; counted",
    )
