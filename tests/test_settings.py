"""The environment and .env: the environment wins, and a bad value is one line that names its variable."""

import os
from pathlib import Path

import pytest

from lenet5.errors import UserError
from lenet5.settings import load_settings

VARIABLES = ("LENET5_WORKERS", "LENET5_DATA", "MLFLOW_TRACKING_URI", "OPTUNA_STORAGE")
OF_A_CLUSTER = ("LENET5_CLUSTER", "LENET5_JOB_CPUS", "LENET5_JOB_GPUS")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*VARIABLES, *OF_A_CLUSTER):
        monkeypatch.delenv(name, raising=False)


def test_without_any_setting_all_cores_work_and_files_stay_in_this_folder() -> None:
    settings = load_settings()
    assert settings.workers == os.cpu_count()
    assert settings.data is None
    assert settings.tracking_uri == "sqlite:///mlflow.db"
    assert settings.study_storage == "sqlite:///.studies/studies.db"


def test_each_variable_sets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(VARIABLES, ("3", "some/folder", "http://127.0.0.1:5000", "sqlite:///other.db"), strict=True):
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.workers, settings.data) == (3, Path("some/folder"))
    assert (settings.tracking_uri, settings.study_storage) == ("http://127.0.0.1:5000", "sqlite:///other.db")


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "1025", "two", "1e400", "nan"])
def test_a_bad_number_of_workers_is_one_line_that_names_the_variable(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET5_WORKERS", value)
    with pytest.raises(UserError, match=rf"^LENET5_WORKERS: .*\(found '{value}'\)$") as refused:
        load_settings()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", ["0", "1", "1024", " 2 "])
def test_these_numbers_of_workers_will_do(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET5_WORKERS", value)
    assert load_settings().workers == int(value)


def test_without_any_setting_no_cluster_is_used_and_a_job_would_ask_for_one_core() -> None:
    settings = load_settings()
    assert (settings.cluster, settings.job_cpus, settings.job_gpus) == (None, 1, 0)


@pytest.mark.parametrize(
    "address", ["auto", "host:6379", "10.0.0.1:1", "[::1]:65535", "ray://some.host:10001", " host:6379 "]
)
def test_these_addresses_of_a_cluster_will_do(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET5_CLUSTER", address)
    assert load_settings().cluster == address.strip()


@pytest.mark.parametrize(
    "address", ["host", "host:", "host:port", ":6379", "http://host:6379", "ray://host", "host:65536", "a b:1", "Auto"]
)
def test_a_bad_address_of_a_cluster_is_one_line(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET5_CLUSTER", address)
    with pytest.raises(UserError) as refused:
        load_settings()
    expected = f"LENET5_CLUSTER: should be auto, host:port or ray://host:port (found {address!r})"
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("LENET5_JOB_CPUS", value) for value in ("0", "-1", "1025", "nan", "inf", "one")),
        *(("LENET5_JOB_GPUS", value) for value in ("-0.1", "1.5", "2", "nan", "half")),
    ],
)
def test_bad_resources_are_one_line_that_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=rf"^{name}: [^\n]* \(found '{value}'\)$"):
        load_settings()


def test_a_job_may_ask_for_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET5_JOB_CPUS", "0.5")
    monkeypatch.setenv("LENET5_JOB_GPUS", "0.125")
    assert (load_settings().job_cpus, load_settings().job_gpus) == (0.5, 0.125)


@pytest.mark.parametrize("name", VARIABLES + OF_A_CLUSTER)
def test_an_empty_variable_is_one_that_is_not_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = load_settings()
    monkeypatch.setenv(name, "")
    assert load_settings() == expected


def test_env_file_counts_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("# where\nLENET5_WORKERS=5\nLENET5_DATA='a folder'\nANOTHER_PROGRAMS=1\n")
    assert (load_settings().workers, load_settings().data) == (5, Path("a folder"))
    monkeypatch.setenv("LENET5_WORKERS", "6")
    assert (load_settings().workers, load_settings().data) == (6, Path("a folder"))


def test_a_bad_value_in_the_env_file_names_its_variable() -> None:
    Path(".env").write_text("LENET5_WORKERS=many\n")
    with pytest.raises(UserError, match=r"^LENET5_WORKERS: .*found 'many'"):
        load_settings()


def test_an_env_file_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"LENET5_WORKERS=\xff\xfe\n")
    with pytest.raises(UserError, match=r"^\.env: "):
        load_settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().workers = 2  # type: ignore[misc]
