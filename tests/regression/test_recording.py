"""From result files to facts: files that are not what they should be are refused in one line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lenet5.errors import UserError
from pipeline.files import PREDICTIONS, TEST_DATA
from regression.recording import flat, judged
from tests.pipeline.made_results import PATTERNS, params_with, write_results

PARAMS = params_with(seeds=(1, 2), lenet5={})
FILE = PREDICTIONS / "lenet5" / "seed-2.csv"


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Predictions of two networks, four errors each, and the patterns that they are of."""
    write_results(tmp_path, PARAMS)
    (tmp_path / TEST_DATA).parent.mkdir(parents=True)
    save_file({"labels": np.arange(PATTERNS) % 10}, tmp_path / TEST_DATA)
    monkeypatch.chdir(tmp_path)


def edit(change: Callable[[list[str]], list[str]]) -> None:
    FILE.write_text("".join(change(FILE.read_text().splitlines(keepends=True))))


def test_right_and_wrong_answers_are_kept_one_by_one() -> None:
    correct, facts = judged(PARAMS)
    assert [np.flatnonzero(~bits).tolist() for bits in correct["lenet5"]] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert len(facts) == len(set(facts.values())) == 4


def test_a_changed_score_changes_the_scores_alone() -> None:
    _, before = judged(PARAMS)
    edit(lambda lines: [lines[0], lines[1].rstrip("\n") + "1\n", *lines[2:]])
    _, after = judged(PARAMS)
    assert {name for name in before if before[name] != after[name]} == {"lenet5 seed 2 scores"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [*lines[:9], *lines[10:]], "line 10: index must count 0, 1, 2"),
        (lambda lines: [*lines[:9], lines[8], *lines[9:]], "line 10: index must count 0, 1, 2"),
        (lambda lines: lines[:-1], "is not of the 400 held-out patterns, each once and in their order"),
        (lambda lines: [*lines, lines[-1]], "line 402: index must count 0, 1, 2"),
        (lambda lines: [*lines[:5], lines[5].rpartition(",")[0] + ",nan\n", *lines[6:]], "line 6: every number must"),
        (lambda lines: [*lines[:5], lines[5].rpartition(",")[0] + ",inf\n", *lines[6:]], "line 6: every number must"),
        (lambda lines: lines[:1], "13 numbers on each of one or more lines"),
        (lambda lines: lines[1:], "the columns must be"),
    ],
    ids=["missing", "twice", "last missing", "last twice", "NaN", "infinite", "empty", "no header"],
)
def test_a_damaged_file_of_predictions_is_refused(change: Callable[[list[str]], list[str]], said: str) -> None:
    edit(change)
    with pytest.raises(UserError, match=rf"^{FILE}: .*{said}") as error:
        judged(PARAMS)
    assert "\n" not in str(error.value)


def test_params_become_facts_with_the_key_that_a_person_knows() -> None:
    content = {"search": {"rungs": [1, 2], "space": {"j": {"low": 0.5}}, "fixed": {}}, "numerics": "portable"}
    assert flat(content) == {
        "search.rungs": "[1, 2]",
        "search.space.j.low": "0.5",
        "search.fixed": "{}",
        "numerics": '"portable"',
    }
