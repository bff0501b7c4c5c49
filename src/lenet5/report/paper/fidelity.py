"""The page that lays every stated fact of the experiment beside the code."""

from collections.abc import Mapping, Sequence

from lenet5.paper.fidelity import Fact, Fidelity, Status
from lenet5.report.markdown import table, wrapped

TO_ROOT = "../../"
HEADINGS: tuple[tuple[Status, str, str], ...] = (
    ("deviation", "Deviations", "What is done otherwise than the paper says, and why."),
    ("open", "Open questions", "What the paper does not say, or says in two ways, and what is done about it."),
)


def fidelity_page(fidelity: Fidelity, conventions: Mapping[str, object]) -> str:
    """Deviations and open questions first, then all facts with their code and tests.

    Args:
        conventions: what was chosen for the open points.
    """
    statuses = [fact.status_with(conventions) for fact in fidelity.facts]
    counts = ", ".join(f"{statuses.count(status)} {name}" for status, name in words(statuses))
    parts = [
        f"""# Every stated fact of the experiment, beside the code

{len(statuses)} facts: {counts}. Each names where it is done and the tests that hold it; a test checks that these
places and tests exist. What came of it all is told in [README.md](README.md).
"""
    ]
    for status, heading, told in HEADINGS:
        found = [fact for fact in fidelity.facts if fact.status_with(conventions) == status]
        rows = [(fact.fact, done(fact, conventions), fact.why, fact.source) for fact in found]
        parts.append(f"## {heading}\n\n{told}\n\n{table(('the paper', 'here', 'why', 'source'), rows)}")
    for section, facts in fidelity.sections.items():
        parts.append(f"## {section}\n\n{section_table(facts, conventions)}")
    return wrapped("\n".join(parts))


def words(statuses: Sequence[Status]) -> list[tuple[Status, str]]:
    """How each status is told after its number."""
    deviations = "deviation" if statuses.count("deviation") == 1 else "deviations"
    return [("as in the paper", "done as the paper says"), ("deviation", deviations), ("open", "open")]


def done(fact: Fact, conventions: Mapping[str, object]) -> str:
    """What is done, with the choice that was made if there is one."""
    if not fact.convention or fact.convention not in conventions:
        return fact.here
    return f"{fact.here}; **chosen: {conventions[fact.convention]}**"


def section_table(facts: Sequence[Fact], conventions: Mapping[str, object]) -> str:
    """All facts of a section; what is not as in the paper is bold."""
    rows = []
    for fact in facts:
        status = fact.status_with(conventions)
        rows.append(
            (
                f"{fact.fact} ({fact.source})",
                done(fact, conventions),
                "as in the paper" if status == "as in the paper" else f"**{status}**",
                "<br>".join(link(place) for place in fact.code),
                "<br>".join(link(place) for place in fact.tests),
            )
        )
    return table(("the paper", "here", "status", "code", "tests"), rows)


def link(place: str) -> str:
    """`path::name` as a link to the file that shows the name; long names of tests may break at their words."""
    path, name = place.split("::")
    return f"[{name.replace('_', ' ') if name.startswith('test_') else f'`{name}`'}]({TO_ROOT}{path})"
