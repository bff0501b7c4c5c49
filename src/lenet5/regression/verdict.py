"""From three layers of comparison to one verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lenet5.regression.facts import Difference
from lenet5.regression.reseedings import Shift

Outcome = Literal["unchanged", "equal", "changed", "better", "worse"]
EXIT: dict[Outcome, int] = {"unchanged": 0, "equal": 0, "changed": 1, "better": 1, "worse": 1}
EXIT_IF_MEANT: dict[Outcome, int] = EXIT | {"changed": 0, "better": 0}
"""For a change that is meant to change results: only worse ones count."""
COULD_NOT_JUDGE = 2


@dataclass(frozen=True)
class Comparison:
    """What the three layers found."""

    exact: Sequence[Difference] | None
    """None: skipped."""
    exact_note: str
    """How many facts were compared, or why none were."""
    shifts: Sequence[Shift]
    structure: Sequence[Difference]
    structure_note: str
    answers: Mapping[str, tuple[int, int]]
    """Of each row, over its seeds: how many right answers became wrong, and how many wrong ones right."""

    @property
    def outcome(self) -> Outcome:
        """`unchanged`: every fact is the same. Else statistics decide between worse, better, and neither, which is
        `changed` where facts differ, and `equal` where the exact layer was skipped."""
        if self.exact is not None and not self.exact:
            # The same bits: that this draw of seeds may lie at the edge is no news.
            return "changed" if self.structure else "unchanged"
        found = {shift.finding for shift in self.shifts}
        if "worse" in found:
            return "worse"
        if "better" in found:
            return "better"
        return "equal" if self.exact is None and not self.structure else "changed"

    @property
    def place(self) -> str:
        """The earliest place where something differs; nothing if nothing does."""
        found = [*(self.exact or ()), *self.structure]
        return found[0].place if found else ""

    def exit_code(self, meant: bool) -> int:
        """0: unchanged or equal; 1: not so. If the change is `meant`, results may be other ones, but not worse."""
        return (EXIT_IF_MEANT if meant else EXIT)[self.outcome]
