"""params.yaml: what is right comes back as it was written, and what is wrong is one line that names the key."""

import copy
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from lenet5.errors import UserError
from lenet5.params import Params, load_params, parse_params
from tests.valid_params import CONTENT, ROOT, TEXT, contents

Path_ = tuple[str | int, ...]


def keys(block: Any, above: Path_ = ()) -> Iterator[Path_]:
    """Where each key and list item of the file stands."""
    items = block.items() if isinstance(block, dict) else enumerate(block) if isinstance(block, list) else ()
    for key, value in items:
        yield (*above, key)
        yield from keys(value, (*above, key))


def changed(path: Path_, value: Any, key: str | int | None = None) -> dict[str, Any]:
    """The file's content with another value (and key) at `path`; every other key stays where it is."""
    content = copy.deepcopy(CONTENT)
    block: Any = content
    for part in path[:-1]:
        block = block[part]
    if isinstance(block, list):
        block[int(path[-1])] = value
    else:
        others = [(key or each, value) if each == path[-1] else (each, old) for each, old in block.items()]
        block.clear()
        block.update(others)
    return content


def at(path: Path_) -> Any:
    value: Any = CONTENT
    for part in path:
        value = value[part]
    return value


def refusal(content: Any) -> str:
    with pytest.raises(UserError) as refused:
        parse_params(content)
    line = str(refused.value)
    assert line.startswith("params.yaml: ")
    assert "\n" not in line
    return line


def load(folder: Path, text: str) -> Params:
    path = folder / "params.yaml"
    path.write_text(text)
    return load_params(path)


def plain(block: Any) -> Any:
    """A dumped block as it would stand in the file."""
    if isinstance(block, dict):
        pair = block.keys() == {"low", "high"}
        return [block["low"], block["high"]] if pair else {key: plain(value) for key, value in block.items()}
    return [plain(each) for each in block] if isinstance(block, list) else block


def test_the_repositorys_own_file_is_read_as_it_stands() -> None:
    params = load_params(ROOT / "params.yaml")
    assert plain(params.model_dump(mode="json", exclude_unset=True)) == CONTENT
    assert params.search.row in params.train.rows


def dotted(path: Path_) -> str:
    return ".".join(map(str, path))


KEYS = list(keys(CONTENT))
ROW_NAMES = ("train", "rows")


@pytest.mark.parametrize(
    "path", [path for path in KEYS if isinstance(path[-1], str) and path[:-1] != ROW_NAMES], ids=dotted
)
def test_a_misspelt_key_is_named(path: Path_) -> None:
    assert f"{path[-1]}z" in refusal(changed(path, at(path), key=f"{path[-1]}z"))


@pytest.mark.parametrize("path", KEYS, ids=dotted)
def test_a_value_of_another_type_is_named(path: Path_) -> None:
    wrong = 5 if isinstance(at(path), str | dict) else {"a": 1}
    names = [str(part) for part in path if isinstance(part, str)]
    assert names[-1] in refusal(changed(path, wrong))


@pytest.mark.parametrize("path", [path for path in KEYS if isinstance(at(path), int | float)], ids=dotted)
def test_numbers_are_never_guessed(path: Path_) -> None:
    names = [part for part in path if isinstance(part, str)]
    for wrong in (str(at(path)), float("nan"), float("inf"), None, 1 if isinstance(at(path), bool) else True):
        line = refusal(changed(path, wrong))
        assert any(name in line for name in names[-2:]), line


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("numerics", ["fast"]),
        ("download.patience_s", [0.5, 601]),
        ("download.sources", [[]]),
        ("download.sources.1.url", ["ftp://example.org/", "https://example.org"]),
        ("prepare.validation_size", [9, 50_001, 5000.5]),
        ("prepare.seed", [-1, 2**32]),
        ("distortions.original", [-0.1, 1.1]),
        ("distortions.scale", [[0, 1], [1.4, 0.7], [1], [], ["a", "b"]]),
        ("distortions.scale_centre_row", [-1, 32]),
        ("distortions.squeeze", [[-0.1, 1], 1]),
        ("distortions.shift", [[1, -1]]),
        ("search.row", ["lenet6"]),
        ("search.trials", [0, 25]),
        ("search.round_size", [0, 7]),
        ("search.rungs", [[], [0, 1], [1, 1], [2, 1]]),
        ("search.keep", [0, 1.01]),
        ("search.startup_trials", [0]),
        ("search.space", [{}]),
        ("search.space.learning_rate.low", [0.3, 0, -1]),
        ("search.space.learning_rate.high", [10.5]),
        ("search.space.learning_rate.type", ["double"]),
        ("search.space.momentum.high", [1.0]),
        ("search.space.batch_size.choices", [[], [0], [64.5], ["64"], [60_001], [True]]),
        ("search.space.j", [{"type": "int", "low": 0, "high": 3}, {"type": "float", "low": 1.0}]),
        ("search.space.energy_scale.low", [0.0]),
        ("train.epochs", [0, 1001, 2.0]),
        ("train.seeds", [[], [1, 1], [-1], [2**32]]),
        ("train.rows", [{}, {"Lenet5": CONTENT["train"]["rows"]["lenet5"]}]),
        ("train.rows.lenet5.network", ["lenet4"]),
        ("train.rows.lenet5.head", ["RBF"]),
        ("train.rows.lenet5.paper", ["", "LeNet 5"]),
        ("compare.confidence", [0.4, 1]),
        ("compare.equivalence_margin_pct", [0, 11]),
    ],
)
def test_a_value_out_of_range_is_named(key: str, wrong: list[Any]) -> None:
    path = tuple(int(part) if part.isdigit() else part for part in key.split("."))
    name = next(str(part) for part in reversed(path) if isinstance(part, str))
    block = path[2] if path[:2] == ("search", "space") and len(path) > 2 else name
    for value in wrong:
        line = refusal(changed(path, value))
        assert name in line or str(block) in line, line


def test_the_modern_network_has_a_softmax_head_only() -> None:
    assert "train.rows.lenet5: head" in refusal(changed(("train", "rows", "lenet5", "network"), "lenet5-modern"))


def test_a_space_that_lacks_a_hyperparameter_says_which() -> None:
    space = {name: value for name, value in CONTENT["search"]["space"].items() if name != "momentum"}
    assert "missing ['momentum']" in refusal(changed(("search", "space"), space))


@pytest.mark.parametrize("content", [None, [], "text", 5, {}])
def test_a_file_of_something_else_is_refused(content: Any) -> None:
    refusal(content)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("  epochs: 20", "  epochs: 20\n  epochs: 21"), r"line \d+: found duplicate key \"epochs\""),
        (TEXT + "\nnumerics: native\n", r"line \d+: found duplicate key \"numerics\""),
        (TEXT + "\nnumerics: [", r"not valid YAML: line \d+: "),
        (TEXT.replace("numerics: portable", "numerics: !mine portable"), "'!mine'"),
        (TEXT.replace("numerics: portable", "numerics: &a [*a]"), "plain keys and values"),
        (TEXT.replace("numerics: portable", "numerics: portable\n? [a, b]\n: c"), "plain keys and values"),
        (TEXT.replace("numerics: portable", "1: portable"), "1: no such key"),
        (TEXT + "\n---\nmore: 1\n", "another document"),
        ("\0", "not valid YAML"),
        ("", "the whole file"),
    ],
)
def test_what_yaml_allows_but_is_no_params_file_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"^\S*params\.yaml: .*{said}") as refused:
        load(tmp_path, text)
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing\.yaml: cannot be read: No such file"):
        load_params(tmp_path / "nothing.yaml")
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        load_params(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"numerics: \xe9")
    with pytest.raises(UserError, match=r"latin\.yaml: not valid YAML: .*utf-8"):
        load_params(tmp_path / "latin.yaml")


@pytest.mark.parametrize("written", ["1e-6", "1E-6", "0.000001", "1.0e-06", ".000001"])
def test_small_numbers_may_be_written_as_people_write_them(written: str, tmp_path: Path) -> None:
    params = load(tmp_path, TEXT.replace("low: 1.0e-6", f"low: {written}"))
    dimension = params.search.space["weight_decay"]
    assert dimension.type == "float" and dimension.low == 1e-6


def test_a_whole_number_will_do_where_a_number_is_asked_for() -> None:
    params = parse_params(changed(("search", "space", "j", "low"), 1))
    dimension = params.search.space["j"]
    assert dimension.type == "float" and dimension.low == 1.0


def test_what_dvc_writes_for_exp_run_s_is_understood(tmp_path: Path) -> None:
    from dvc.utils.hydra import apply_overrides  # type: ignore[import-untyped]

    (tmp_path / "params.yaml").write_text(TEXT)
    apply_overrides(
        tmp_path / "params.yaml",
        [
            "train.epochs=2",
            "train.seeds=[4,5]",
            "numerics=native",
            "search.space.weight_decay.low=1e-7",
            "distortions.shift=[-1,1]",
            "train.rows.lenet5.distortions=true",
        ],
    )
    params = load_params(tmp_path / "params.yaml")
    assert (params.train.epochs, params.train.seeds, params.numerics) == (2, (4, 5), "native")
    assert (params.distortions.shift.low, params.distortions.shift.high) == (-1, 1)
    assert params.train.rows["lenet5"].distortions
    weight_decay = params.search.space["weight_decay"]
    assert weight_decay.type == "float" and weight_decay.low == 1e-7


def test_params_cannot_be_changed() -> None:
    params = parse_params(CONTENT)
    with pytest.raises(ValueError, match="frozen"):
        params.train.epochs = 3  # type: ignore[misc]


@settings(max_examples=30)
@given(contents())
def test_any_valid_file_comes_back_as_it_was_written(content: dict[str, Any]) -> None:
    text = io.StringIO()
    YAML(typ="safe").dump(content, text)
    read = YAML(typ="safe").load(text.getvalue())
    assert plain(parse_params(read).model_dump(mode="json", exclude_unset=True)) == content
