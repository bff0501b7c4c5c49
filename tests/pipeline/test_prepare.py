import os
import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from lenet5.errors import UserError
from lenet5.params import Prepare
from pipeline.files import RAW, TEST_DATA, TRAINING_DATA
from pipeline.prepare import prepare
from tests.data.samples import encode, make_sample, pin
from tests.pipeline.stage import start, write_params

SAMPLE = make_sample()
LONELY = encode(np.array([1] + 209 * [0], dtype=np.uint8))
OPTIONS = Prepare(validation_size=30, seed=1998)
IMAGES, LABELS = SAMPLE.files.train_images.name, SAMPLE.files.train_labels.name


@pytest.fixture(autouse=True)
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data/raw, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    RAW.mkdir(parents=True)
    for name, content in SAMPLE.contents.items():
        (RAW / name).write_bytes(content)
    return RAW


def test_tensors_are_the_patterns_of_the_files() -> None:
    prepare(OPTIONS, SAMPLE.files)
    training, test = load_file(TRAINING_DATA), load_file(TEST_DATA)
    assert {name: (str(values.dtype), values.shape) for name, values in training.items()} == {
        "images": ("float32", (210, 32, 32)),
        "labels": ("int64", (210,)),
        "train": ("int64", (180,)),
        "validation": ("int64", (30,)),
    }
    assert {name: (str(values.dtype), values.shape) for name, values in test.items()} == {
        "images": ("float32", (50, 32, 32)),
        "labels": ("int64", (50,)),
    }
    labels = np.concatenate([training["labels"], test["labels"]])
    images = np.concatenate([training["images"], test["images"]])
    assert np.array_equal(labels, SAMPLE.labels)
    assert np.array_equal(np.rint((images[:, 2:30, 2:30] + 0.1) / 1.275 * 255), SAMPLE.images)
    assert sorted([*training["train"], *training["validation"]]) == list(range(210))


def test_bytes_are_the_same_in_every_process(tmp_path: Path) -> None:
    write_params(tmp_path, prepare={"validation_size": 30, "seed": 1998})
    assert start("prepare", tmp_path, SAMPLE.files, PYTHONHASHSEED="1").wait(60) == 0
    there = TRAINING_DATA.read_bytes(), TEST_DATA.read_bytes()
    prepare(OPTIONS, SAMPLE.files)
    assert (TRAINING_DATA.read_bytes(), TEST_DATA.read_bytes()) == there
    with safe_open(TRAINING_DATA, "np") as file:
        assert file.metadata() is None
    assert sorted(path.name for path in TRAINING_DATA.parent.iterdir()) == [TEST_DATA.name, TRAINING_DATA.name]


def corrupted() -> None:
    content = bytearray((RAW / IMAGES).read_bytes())
    content[1000] ^= 1
    (RAW / IMAGES).write_bytes(content)


def truncated() -> None:
    os.truncate(RAW / IMAGES, 1000)


def swapped() -> None:
    (RAW / IMAGES).write_bytes(SAMPLE.contents[SAMPLE.files.test_images.name])


def missing() -> None:
    (RAW / IMAGES).unlink()


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (corrupted, f"SHA-256 is [0-9a-f]+, expected {SAMPLE.files.train_images.sha256}; delete it and run the down"),
        (truncated, f"1000 bytes long, expected {SAMPLE.files.train_images.size}; delete it"),
        (swapped, f"39216 bytes long, expected {SAMPLE.files.train_images.size}; delete it"),
        (missing, "is missing; the download stage fetches it"),
    ],
)
def test_harmed_file_is_one_line_and_nothing_is_written(harm: Callable[[], None], complaint: str) -> None:
    harm()
    with pytest.raises(UserError, match=f"^data/raw/{IMAGES}: {complaint}") as raised:
        prepare(OPTIONS, SAMPLE.files)
    assert "\n" not in str(raised.value)
    assert not TRAINING_DATA.parent.exists()


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        (IMAGES, encode(SAMPLE.images[:209]), f"data/raw/{LABELS}: holds 210 labels for 209 images"),
        (IMAGES, encode(SAMPLE.images[:210, :27]), f"data/raw/{IMAGES}: has the shape [210, 27, 28], expected"),
        (IMAGES, encode(SAMPLE.labels[:210]), f"data/raw/{IMAGES}: starts with 0x00000801, expected 0x00000803"),
        (LABELS, encode(SAMPLE.labels[:210] + 1), f"data/raw/{LABELS}: holds the label 10, expected 0 to 9"),
        (LABELS, LONELY, "prepare.validation_size: The least populated class"),
    ],
    ids=["fewer images", "other size", "labels for images", "label 10", "a class of one"],
)
def test_other_set_that_does_not_fit_is_one_line(name: str, content: bytes, complaint: str) -> None:
    (RAW / name).write_bytes(content)
    pinned = pin(name, content)
    files = SAMPLE.files._replace(**{"train_images" if name == IMAGES else "train_labels": pinned})
    with pytest.raises(UserError) as raised:
        prepare(OPTIONS, files)
    assert str(raised.value).startswith(complaint)


def full_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))


def test_full_disk_is_one_line_that_names_the_file(tmp_path: Path) -> None:
    write_params(tmp_path, prepare={"validation_size": 30, "seed": 1998})
    process = start("prepare", tmp_path, SAMPLE.files, before=full_disk)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 1
    assert complaints.count("\n") == 1
    assert complaints.startswith(f"prepare: {TRAINING_DATA}: cannot be written: ")
    assert "File too large" in complaints
    assert list(TRAINING_DATA.parent.iterdir()) == []
