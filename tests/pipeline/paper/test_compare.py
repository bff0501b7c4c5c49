"""The compare stage of the paper's experiment, from result files to page, tables and figures."""

import csv
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from pathlib import Path

import pytest

from lenet5.errors import UserError
from lenet5.paper.whole import load_paper
from lenet5.params import load_params
from lenet5.report.paper.findings import Findings
from lenet5.report.paper.page import paper_page
from lenet5.report.tables import COLUMNS
from lenet5.sdlm.params import load_paper_params
from lenet5.settings import Settings
from pipeline.files import TRAINING_DATA
from pipeline.paper.analysis import analyse
from pipeline.paper.compare import lay_beside, main
from pipeline.paper.files import (
    CHOICES,
    CHOSEN,
    COMPARISON,
    CURVES,
    FIDELITY,
    FIGURES,
    OVERLAP,
    PAGE,
    PREDICTIONS,
    RATES,
    REJECTION,
    REPORTS,
)
from pipeline.paper.results import read_choices, read_rows
from tests.pipeline.paper.made_results import ROWS, SHARED, labels, write_results, write_row, wrong_patterns

ROOT = Path(__file__).parents[3]
PARAMS = load_params(ROOT / "params.yaml")
INPUTS = {"choices.csv", "chosen.yaml", "curves.csv", "predictions", "rates.csv"}
NAMES = {"passes", "set-sizes", "distortions", "errors", "shared-errors", "rejection", "costs", "choices", "rates"}


PAPER = load_paper_params(ROOT / "pipeline" / "paper" / "params.yaml")
TWO_SEEDS = PAPER.model_copy(update={"train": PAPER.train.model_copy(update={"seeds": (1, 2)})})


def run(rows: Mapping[str, str] = ROWS, seeds: Sequence[int] = (1, 2)) -> None:
    lay_beside(rows, seeds, PARAMS.compare, PARAMS.distortions)


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all inputs; tests that change one copy it."""
    folder = tmp_path_factory.mktemp("results")
    write_results(folder, seeds=(1, 2))
    return folder


@pytest.fixture(scope="module")
def outputs(results: Path) -> Path:
    """The same folder after one run: drawing takes seconds."""
    with chdir(results):
        main(PARAMS, TWO_SEEDS, Settings())
    return results


@pytest.fixture
def compared(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(outputs)
    return outputs


def findings_of(rows: Mapping[str, str] = ROWS, seeds: Sequence[int] = (1, 2)) -> Findings:
    """What a run finds, without the drawing."""
    return analyse(read_rows(list(rows), seeds), rows, read_choices(), load_paper(), PARAMS.compare, PARAMS.distortions)


@pytest.fixture
def copy(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inputs alone, those that a test may change copied."""
    monkeypatch.chdir(tmp_path)
    for path in (CHOICES, CHOSEN, CURVES, RATES):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((results / path).read_text())
    for path in (PREDICTIONS, TRAINING_DATA):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(results / path)
    return tmp_path


def test_every_row_is_judged_by_its_bar_or_point(compared: Path) -> None:
    rows = lines_of(COMPARISON)
    assert tuple(rows[0]) == COLUMNS
    assert [(row["row"], row["paper_error_pct"], row["error_pct"]) for row in rows] == [
        ("lenet5", "0.95", "0.940"),
        ("lenet5-15k", "1.68", "1.680"),
        ("lenet5-30k", "1.14", "1.140"),
        ("lenet5-dist", "0.8", "0.820"),
    ]
    assert "Fig. 9" in rows[0]["paper_source"] and "digitised" in rows[1]["paper_source"]


def test_errors_are_laid_beside_the_82(compared: Path) -> None:
    lines = lines_of(OVERLAP)
    assert [(line["row"], line["seed"]) for line in lines] == [
        (row, seed) for row in ("lenet5", "lenet5-dist") for seed in ("1", "2")
    ]
    plain, distorted = lines[0], lines[2]
    assert (plain["errors"], plain["shared"], plain["only_ours"], plain["only_1998"]) == ("94", "30", "64", "52")
    assert (distorted["errors"], distorted["only_ours"], distorted["only_1998"]) == ("82", "52", "52")
    assert float(distorted["mcnemar_p_value"]) == 1
    assert float(distorted["expected_by_chance"]) == pytest.approx(82 * 82 / 10_000, abs=1e-3)
    assert float(distorted["chance_p_value"]) < 1e-20
    # The second network misses twenty of the same thirty, and of the other patterns all but forty.
    assert f"{100 * SHARED / 82:.0f} % of the 82; two of ours share {100 * (20 + 12) / 82:.0f} %" in PAGE.read_text()


def test_rejection_goes_by_the_margin(compared: Path) -> None:
    lines = lines_of(REJECTION)
    assert [line["error_pct"] for line in lines] == ["0.94"] * 2 + ["0.82"] * 2
    # Made-up scores are as sure everywhere: all are rejected together, or none.
    assert {(line["rejected_pct"], line["threshold"]) for line in lines} == {("100.00", "inf")}


def test_the_page_tells_every_figure_and_its_links_lead_somewhere(compared: Path) -> None:
    page = PAGE.read_text()
    heads = [line.split(":")[0] for line in page.splitlines() if line.startswith("## ")]
    assert heads == [
        "## In short", "## Fig. 5", "## Fig. 6", "## Fig. 7", "## Fig. 8", "## Fig. 10", "## Figs. 11 and 12",
        "## What the paper leaves open",
    ]  # fmt: skip
    assert {path.stem for path in FIGURES.iterdir()} == NAMES
    assert all(f"](figures/{name}.png)" in page for name in NAMES)
    assert max(len(line) for line in page.splitlines() if not line.startswith(("|", "!"))) <= 120
    assert "**j 30.0** was chosen" in page
    assert "**chosen: 30.0**" in FIDELITY.read_text()
    links = re.findall(r"\]\((?!#|https?:)([^)#]+)", page + FIDELITY.read_text())
    assert {link for link in links if not link.startswith("../../") and not (REPORTS / link).exists()} == set()
    assert {link for link in links if link.startswith("../../") and not (ROOT / link[6:]).exists()} == set()
    assert "| 1 | 2.65 | 2.77 | +0.12 ± " in page


def test_two_runs_give_the_same_bytes(compared: Path) -> None:
    def written() -> dict[str, bytes]:
        files = [COMPARISON, FIDELITY, OVERLAP, REJECTION, PAGE, *sorted(FIGURES.iterdir())]
        return {str(path): path.read_bytes() for path in files}

    before = written()
    main(PARAMS, TWO_SEEDS, Settings())
    assert written() == before
    assert str(compared).encode() not in b"".join(before.values())


def test_one_seed_will_do_and_is_told_so(copy: Path) -> None:
    page = paper_page(findings_of(seeds=(1,)), load_paper(), 0.95)
    assert "How much two of our networks share cannot be told" in " ".join(page.split())


def test_a_row_of_another_name_is_compared_too(copy: Path, results: Path) -> None:
    (copy / PREDICTIONS).unlink()
    shutil.copytree(results / PREDICTIONS, copy / PREDICTIONS)
    write_row(copy / PREDICTIONS / "trick", (1, 2), errors=60, shared=10)
    extra = [line.replace("lenet5-dist,", "trick,") for line in CURVES.read_text().splitlines() if "-dist," in line]
    CURVES.write_text(CURVES.read_text() + "\n".join(extra) + "\n")
    compared = findings_of({**ROWS, "trick": "lenet5-dist"}).compared
    assert list(compared) == [*ROWS, "trick"]
    assert compared["trick"].summary.error_pct == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (
            lambda: CURVES.write_text(CURVES.read_text().replace("lenet5,2,7,", "lenet5,2,8,")),
            "must have the same passes",
        ),
        (lambda: CURVES.write_text("row,seed\n"), "the columns must be row,seed,pass,"),
        (
            lambda: CURVES.write_text(CURVES.read_text().replace("lenet5-15k,", "other,")),
            "lenet5-15k must",
        ),
        (lambda: CHOICES.write_text(CHOICES.read_text().replace("True", "yes")), "neither True nor False"),
        (lambda: CHOICES.write_text(CHOICES.read_text().replace(",first", "j,first")), "must be without a question"),
        (
            lambda: CHOICES.write_text(CHOICES.read_text().replace("mle,False,2", "mle,False,3")),
            "not tried with",
        ),
        (lambda: CHOSEN.write_text("choice: j 29\nconventions: {}\n"), "'j 29' is not among"),
        (lambda: RATES.write_text(RATES.read_text().replace("j 30.0", "j 31.0")), "there are no rates of 'j 30.0'"),
        (lambda: CHOSEN.write_text("- no\n"), "is not what choose writes"),
    ],
)
def test_a_damaged_file_is_named_and_nothing_is_written(
    copy: Path, damage: Callable[[], object], complaint: str
) -> None:
    damage()
    with pytest.raises(UserError, match=complaint) as refusal:
        run()
    assert str(refusal.value).startswith("reports/paper/") and "\n" not in str(refusal.value)
    assert {path.name for path in REPORTS.iterdir()} == INPUTS


def test_rows_must_be_there_and_name_something_published(copy: Path) -> None:
    with pytest.raises(UserError, match=r"^train\.rows: lenet5-dist is missing"):
        run({"lenet5": "lenet5"})
    with pytest.raises(UserError, match=r"^train\.rows\.lenet5\.paper: .*'lenet-6'.*lenet5-dist.*lenet5-15k"):
        run({**ROWS, "lenet5": "lenet-6"})


def test_another_test_set_is_refused(copy: Path) -> None:
    (copy / PREDICTIONS).unlink()
    label = labels()
    label[[0, 247]] = label[[247, 0]]
    for row in ROWS:
        write_row(copy / PREDICTIONS / row, (1, 2), errors=60, shared=10, label=label)
    with pytest.raises(UserError, match=r"reports/paper/predictions/lenet5: .*not the test set of the paper"):
        run()


def test_made_networks_err_as_they_should() -> None:
    first, second = wrong_patterns(0, 82, SHARED), wrong_patterns(1, 82, SHARED)
    assert len(first) == len(second) == 82
    assert len(set(first) & set(second)) == 20 + 12
