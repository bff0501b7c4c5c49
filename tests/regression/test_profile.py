"""The small experiment is params.yaml made small, and nothing else."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lenet5.errors import UserError
from lenet5.params import load_params
from lenet5.settings import Settings
from regression.places import PROFILE, ROOT
from regression.profile import load_profile, narrow, small_params
from regression.stages import private

FULL = load_params(ROOT / "params.yaml")


def test_what_the_profile_does_not_name_is_the_projects() -> None:
    small = small_params(load_profile())
    assert (small.distortions, small.compare, small.numerics) == (FULL.distortions, FULL.compare, FULL.numerics)
    assert all(small.train.rows[row] == FULL.train.rows[row] for row in small.train.rows)
    assert {row.distortions for row in small.train.rows.values()} == {False, True}
    assert {row.head for row in small.train.rows.values()} == {"rbf"}
    assert (small.search.keep, small.search.sampler) == (FULL.search.keep, FULL.search.sampler)


def test_the_space_is_a_part_of_the_projects() -> None:
    small, full = small_params(load_profile()).search.space, FULL.search.space
    assert small.keys() == full.keys()
    rate, whole = small["learning_rate"].model_dump(), full["learning_rate"].model_dump()
    assert whole["low"] < rate["low"] < rate["high"] < whole["high"]


def test_a_part_is_taken_of_the_logarithm_where_the_range_is_searched_by_it() -> None:
    assert narrow({"type": "float", "low": 1.0, "high": 100.0, "log": True}, [0.5, 1.0])["low"] == pytest.approx(10)
    assert narrow({"type": "float", "low": 1.0, "high": 101.0}, [0.25, 1.0])["low"] == 26
    assert narrow({"type": "int", "low": 0, "high": 10}, [0.19, 0.5]) == {"type": "int", "low": 2, "high": 5}
    assert narrow({"type": "categorical", "choices": [64, 128]}, [1])["choices"] == [128]


def test_a_range_changed_in_params_changes_what_is_searched(tmp_path: Path) -> None:
    yaml = YAML(typ="safe")
    content = yaml.load(ROOT / "params.yaml")
    content["search"]["space"]["learning_rate"]["high"] *= 10
    yaml.dump(content, tmp_path / "params.yaml")
    changed = small_params(load_profile(), path=tmp_path / "params.yaml").search.space["learning_rate"]
    assert (
        changed.model_dump()["low"] > 2 * small_params(load_profile()).search.space["learning_rate"].model_dump()["low"]
    )


def test_reseedings_differ_in_their_seeds_alone_and_from_each_other() -> None:
    found = [small_params(load_profile(), (purpose, number)) for purpose in ("baseline", "alarms") for number in (1, 2)]
    seeds = [(each.prepare.seed, each.search.seed, *each.train.seeds) for each in found]
    assert len({seed for each in seeds for seed in each}) == 4 * len(seeds[0])
    hidden = {"prepare": {"seed"}, "search": {"seed"}, "train": {"seeds"}}
    assert len({each.model_dump_json(exclude=hidden) for each in found}) == 1
    assert small_params(load_profile(), ("alarms", 1)) == found[2]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("held_out: 1", "held_out: 3", r"profile.yaml: held_out: .* \(found 3\)"),
        ("narrow:", "narrows:", "profile.yaml: narrows: no such key"),
        ("rows: [", "rows: [[", "profile.yaml: cannot be read"),
        ("epochs: 2", "epochs: 0", r"params.yaml with regression/profile.yaml: train.epochs: .* \(found 0\)"),
        ("lenet5-dist]", "lenet9]", "params.yaml: train.rows: lenet9 is missing, which regression/profile.yaml names"),
    ],
)
def test_a_profile_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(PROFILE.read_text().replace(old, new, 1))
    with pytest.raises(UserError, match=said) as error:
        small_params(load_profile(path))
    assert "\n" not in str(error.value)


def test_what_users_keep_elsewhere_is_not_for_the_gate() -> None:
    users = Settings(OPTUNA_STORAGE="postgresql://store/studies", MLFLOW_TRACKING_URI="http://mlflow", LENET5_LIVE=True)
    found = private(users)
    assert (found.study_storage, found.live) == ("sqlite:///.studies/studies.db", False)
