"""The table of the catalogue counts what it shows."""

import csv
import io

from regression.power.results import Effect, Layer, Result, power_csv, power_page


def result(name: str, *layers: Layer, shift_pct: float | None = None, harmless: bool = False) -> Result:
    moved = (
        None if shift_pct is None else Effect(row="lenet5", shift_pct=shift_pct, standard_error_pct=0.1, judged=False)
    )
    return Result(
        name=name,
        imitates="a slip",
        shows=None if harmless else "error",
        outcome="worse" if "statistics" in layers else "changed" if layers else "unchanged",
        layers=layers,
        place="loss" if layers else "",
        without_exact="worse" if "statistics" in layers else "equal",
        effect=moved,
    )


RESULTS = [
    result("large", "exact", "statistics", shift_pct=1.5),
    result("a-leak", "exact", "statistics", shift_pct=-0.4),
    result("matters-and-passes", "exact", shift_pct=0.3),
    result("form-alone", "exact", "structure", shift_pct=0.01),
    result("stops", "a stage fails"),
    result("missed"),
    result("green", harmless=True),
    result("false-alarm", "exact", shift_pct=0.0, harmless=True),
]


def test_the_summary_counts_what_each_layer_finds() -> None:
    page = power_page(RESULTS)
    assert "| mistakes caught, all layers on | 5 of 6 (83 %) |" in page
    assert "| mistakes caught, exact layer off | 4 of 6 (67 %) |" in page
    assert "by 0.3 points or more, caught by statistics alone | 2 of 3 (67 %) |" in page
    assert "| of these, those that move it by less than 0.6 points | 1 of 2 (50 %) |" in page
    assert "| harmless changes that stay green | 1 of 2 (50 %) |" in page


def test_a_missed_mistake_and_one_that_matters_stand_out() -> None:
    page = power_page(RESULTS)
    assert "| missed | a slip | **missed** | unchanged |" in page
    assert "**-0.400 ± 0.100 (lenet5)**" in page
    assert "| +0.010 ± 0.100 (lenet5) |" in page


def test_every_plant_has_its_line_in_the_csv() -> None:
    lines = list(csv.DictReader(io.StringIO(power_csv(RESULTS))))
    assert [line["plant"] for line in lines] == [each.name for each in RESULTS]
    assert lines[0]["caught_by"] == "exact statistics"
    assert lines[4]["caught_by"] == "failure"
    assert (lines[0]["shift_pct"], lines[5]["shift_pct"]) == ("1.500", "")


def test_a_page_of_nothing_can_be_written() -> None:
    assert "| mistakes caught, all layers on | 0 of 0 |" in power_page([])
