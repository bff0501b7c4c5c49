"""False alarms are counted, and what the tests can see is told."""

import numpy as np
import pytest

from lenet5.regression.reseedings import shift
from regression.alarms import judge, power_line, summary, table
from regression.baselines import Baseline, parse_reseedings
from tests.regression.made_baseline import made_reseedings, made_run

BASELINE = Baseline(made_run(), parse_reseedings(made_reseedings()))
USUAL, BAD, GOOD = ({"lenet5": [rate] * 3, "lenet5-dist": [rate] * 3} for rate in (3.0, 6.0, 1.0))


def test_verdicts_are_counted_by_reseeding() -> None:
    judged = judge(BASELINE, {1: USUAL, 2: BAD, 3: USUAL, 4: GOOD, 5: BAD})
    page = summary(BASELINE, judged)
    assert "| worse | 2 of 5 | 40 | 5.3 to 85 | 2 |" in page
    assert "| better | 1 of 5 | 20 | 0.51 to 72 | 2 |" in page
    lines = table(judged).splitlines()
    assert len(lines) == 1 + 5 * 3
    assert lines[1].startswith("1,lenet5,3,")
    assert [line.rpartition(",")[2] for line in lines[4:7]] == ["worse"] * 3


def test_the_rise_that_is_seen_nine_times_in_ten_is() -> None:
    random = np.random.default_rng(1)
    spread, runs, rate = 0.1, 30, 0.01
    baseline = spread * (lambda drawn: (drawn - drawn.mean()) / drawn.std(ddof=1))(random.normal(size=runs))
    line = power_line(shift("row", baseline[:, None], 0.0, rate), runs, rate)
    rise = float(line.split("|")[4].split()[0])
    drawn = [
        shift("row", spread * random.normal(size=(runs, 1)), now, rate)
        for now in rise + spread * random.normal(size=800)
    ]
    assert np.mean([each.finding == "worse" for each in drawn]) == pytest.approx(0.9, abs=0.04)


@pytest.mark.parametrize(("spread", "share"), [(0.0, "100 %"), (20.0, "1 %")])
def test_any_spread_has_its_line(spread: float, share: str) -> None:
    runs = spread * np.array([[-1.0], [0.0], [1.0], [0.0]])
    assert power_line(shift("row", runs, 0.0, 0.01), 4, 0.01).endswith(f"| {share} |")
