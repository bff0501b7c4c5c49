"""From the files that the stages left to the record that the gate compares."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from lenet5.data.mnist import MnistFiles
from lenet5.errors import UserError
from lenet5.params import Params
from lenet5.regression.record import SCHEMA, Record
from pipeline.files import BEST, COMPARISON_CSV, METRICS, MODELS, PREDICTIONS, TEST_DATA, TRAINING_DATA, TRIALS
from pipeline.results import read_history, read_predictions
from regression.platform_key import platform_key
from regression.probes import array_digest, digests, probes, text_digest
from regression.profile import Profile
from regression.structure import structure

RECORD = Path("record.json")
CORRECT = Path("correct.safetensors")
Bits = NDArray[np.bool_]


def write_record(params: Params, profile: Profile, files: MnistFiles) -> None:
    """Write what the gate compares beside what the stages left.

    Raises:
        UserError: a file that a stage left is not what it should be.
    """
    correct, answers = judged(params)
    record = Record(
        version=SCHEMA,
        platform=platform_key(params.numerics),
        data=text_digest("".join(file.sha256 for file in files).encode()),
        exact={
            "params": flat(params.model_dump(mode="json", exclude={"download"})),
            "prepare": prepared(),
            **probes(params),
            "search": searched(),
            "train": trained(params),
            "evaluate": answers | {"metrics.json": file_digest(METRICS)},
            "compare": {"comparison.csv": file_digest(COMPARISON_CSV)},
        },
        structure=structure(params),
    )
    RECORD.write_text(record.model_dump_json(indent=1) + "\n")
    save_file({row: np.packbits(bits, axis=1) for row, bits in correct.items()}, CORRECT)


def flat(content: object, name: str = "") -> dict[str, str]:
    """Nested params as `block.key: value`."""
    if not isinstance(content, dict) or not content:
        return {name: json.dumps(content)}
    found: dict[str, str] = {}
    for key, value in content.items():
        found |= flat(value, f"{name}.{key}" if name else str(key))
    return found


def prepared() -> dict[str, str]:
    return {
        f"{path.stem} {name}": digest
        for path in (TRAINING_DATA, TEST_DATA)
        for name, digest in sorted(digests(load_file(path)).items())
    }


def searched() -> dict[str, str]:
    """Each trial's line, and the winner's file."""
    lines = TRIALS.read_text(encoding="utf-8").splitlines()
    return {f"trial {number}": line for number, line in enumerate(lines[1:])} | {"best.yaml": file_digest(BEST)}


def trained(params: Params) -> dict[str, str]:
    """Of each network, every epoch's numbers, then every weight."""
    found: dict[str, str] = {}
    for row in params.train.rows:
        for seed in params.train.seeds:
            name, path = f"{row} seed {seed}", MODELS / row / f"seed-{seed}"
            history = read_history(path.with_suffix(".csv"))
            for epoch, loss, wrong in zip(history.epoch, history.train_loss, history.train_error_pct, strict=True):
                found |= {
                    f"{name} epoch {epoch} loss": repr(float(loss)),
                    f"{name} epoch {epoch} error": repr(float(wrong)),
                }
            weights = load_file(path.with_suffix(".safetensors"))
            found |= {f"{name} {key}": digest for key, digest in sorted(digests(weights).items())}
    return found


def judged(params: Params) -> tuple[dict[str, Bits], dict[str, str]]:
    """Which answers are right, [seeds, examples] by row; and digests of scores and answers.

    Raises:
        UserError: a file of predictions is damaged, or not of all held-out patterns and of these alone.
    """
    labels = load_file(TEST_DATA)["labels"]
    correct: dict[str, Bits] = {}
    facts: dict[str, str] = {}
    for row in params.train.rows:
        bits = []
        for seed in params.train.seeds:
            path = PREDICTIONS / row / f"seed-{seed}.csv"
            found = read_predictions(path)
            if not np.array_equal(found.label, labels):
                raise UserError(f"{path}: is not of the {len(labels)} held-out patterns, each once and in their order")
            bits.append(found.predicted == found.label)
            facts |= {
                f"{row} seed {seed} scores": array_digest(found.scores),
                f"{row} seed {seed} answers": array_digest(found.predicted),
            }
        correct[row] = np.stack(bits)
    return correct, facts


def file_digest(path: Path) -> str:
    return text_digest(path.read_bytes())
