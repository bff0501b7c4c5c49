"""The compare stage from result files to table, page and figures."""

import base64
import csv
from pathlib import Path

import pytest

from lenet5.errors import UserError
from lenet5.params import Params
from lenet5.settings import Settings
from pipeline import compare
from pipeline.files import COMPARISON_CSV, COMPARISON_MD, FIGURES, MODELS, PAGE, PREDICTIONS
from tests.pipeline import made_results
from tests.pipeline.made_results import params_with
from tests.pipeline.made_tracking import write_row

PNG = b"\x89PNG\r\n"


def write_results(folder: Path, params: Params, errors: int = 4) -> None:
    """The result files, and the networks that they are said to be of."""
    made_results.write_results(folder, params, errors)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for row in params.train.rows:
            write_row(params, row)


def run(folder: Path, params: Params, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    monkeypatch.chdir(folder)
    compare.main(params, Settings())
    with COMPARISON_CSV.open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_row_is_laid_beside_the_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = params_with(lenet5={}, modern={"network": "lenet5-modern", "head": "softmax", "paper": "lenet5-dist"})
    write_results(tmp_path, params)
    rows = run(tmp_path, params, monkeypatch)
    assert ",".join(rows[0]) == "row,paper_error_pct,paper_source,error_pct,ci_low,ci_high,seeds,verdict"
    assert [row["row"] for row in rows] == ["lenet5", "modern (softmax head)"]
    assert [row["paper_error_pct"] for row in rows] == ["0.95", "0.8"]
    assert rows[0]["paper_source"] == "Fig. 9, p. 12; section III.B"
    # Four of 400 wrong for each of three seeds, never the same: 1 %, and the variance of 1200 tosses.
    assert (rows[0]["error_pct"], rows[0]["seeds"], rows[0]["verdict"]) == ("1.000", "3", "inconclusive")
    assert float(rows[0]["ci_low"]) == pytest.approx(1 - 1.96 * 0.287, abs=0.01)
    assert float(rows[0]["ci_high"]) == pytest.approx(1 + 1.96 * 0.287, abs=0.01)
    page = COMPARISON_MD.read_text()
    assert "| modern (softmax head) | 0.8 |" in page
    assert "(../docs/verdicts.md)" in page
    names = {path.name for path in FIGURES.iterdir()}
    study = {"study.png", "study-importances.png", "study-rungs.png", "study-values.png"}
    assert names == {"curves.png", "confusion.png", "errors-lenet5.png", "errors-modern.png"} | study
    assert all(path.read_bytes().startswith(PNG) for path in FIGURES.iterdir())


def test_a_hopeless_network_is_worse_and_a_perfect_one_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for errors, verdict in ((120, "worse"), (0, "better")):
        folder = tmp_path / verdict
        params = params_with(lenet5={})
        write_results(folder, params, errors)
        assert [row["verdict"] for row in run(folder, params, monkeypatch)] == [verdict]


def test_two_runs_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = []
    for name in ("first", "second"):
        params = params_with(lenet5={})
        write_results(tmp_path / name, params)
        run(tmp_path / name, params, monkeypatch)
        files = [COMPARISON_CSV, COMPARISON_MD, PAGE, *sorted(FIGURES.iterdir())]
        outputs.append({str(path): path.read_bytes() for path in files})
    assert outputs[0] == outputs[1]
    assert str(tmp_path).encode() not in b"".join(outputs[0].values())


def test_figures_of_rows_that_are_gone_go_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = params_with(lenet5={})
    write_results(tmp_path, params)
    (tmp_path / FIGURES).mkdir()
    (tmp_path / FIGURES / "errors-old.png").write_bytes(PNG)
    run(tmp_path, params, monkeypatch)
    assert not (FIGURES / "errors-old.png").exists()


def test_unknown_published_result_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=r"train\.rows\.lenet5\.paper: .*'lenet-5'.*lenet5-dist"):
        run(tmp_path, params_with(lenet5={"paper": "lenet-5"}), monkeypatch)


def test_a_refusal_leaves_the_old_outputs_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_results(tmp_path, params_with(lenet5={}))
    run(tmp_path, params_with(lenet5={}), monkeypatch)
    before = {path: path.read_bytes() for path in (COMPARISON_CSV, COMPARISON_MD, PAGE, *FIGURES.iterdir())}
    with pytest.raises(UserError, match=r"reports/predictions/lenet5/seed-3\.csv: params\.yaml lists no such"):
        run(tmp_path, params_with(seeds=(1, 2), lenet5={}), monkeypatch)
    assert {path: path.read_bytes() for path in before} == before


def test_predictions_for_another_test_set_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = params_with(lenet5={})
    write_results(tmp_path, params)
    path = PREDICTIONS / "lenet5" / "seed-2.csv"
    shorter = (tmp_path / path).read_text().splitlines()[:-1]
    (tmp_path / path).write_text("\n".join(shorter) + "\n")
    with pytest.raises(UserError, match=rf"^{path}: its labels are not those of the other predictions"):
        run(tmp_path, params, monkeypatch)


def test_the_page_runs_the_first_seed_of_the_last_row_with_the_papers_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modern: dict[str, object] = {"network": "lenet5-modern", "head": "softmax"}
    params = params_with(seeds=(5, 2), lenet5={}, dist={"distortions": True}, modern=modern)
    write_results(tmp_path, params)
    run(tmp_path, params, monkeypatch)
    page = PAGE.read_text(encoding="utf-8")
    assert "(dist, seed 5)" in page
    assert "60,000 parameters" in page
    assert page.count("<article") == 3
    # The same pictures as the files, and no more reading needed than this one file.
    assert all(
        base64.b64encode((FIGURES / f"{name}.png").read_bytes()).decode() in page for name in ("curves", "study")
    )


def test_a_page_without_such_a_row_has_no_box_to_draw_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = params_with(seeds=(1,), modern={"network": "lenet5-modern", "head": "softmax"})
    write_results(tmp_path, params)
    run(tmp_path, params, monkeypatch)
    page = PAGE.read_text(encoding="utf-8")
    assert "<canvas" not in page and "<script" not in page
    assert "61,706" in page


def test_a_network_that_cannot_be_read_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = params_with(lenet5={})
    write_results(tmp_path, params)
    (tmp_path / MODELS / "lenet5" / "seed-1.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"models/lenet5/seed-1\.safetensors: not the weights of a lenet5"):
        run(tmp_path, params, monkeypatch)
    assert not COMPARISON_CSV.exists() and not PAGE.exists()
