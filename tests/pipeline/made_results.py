"""Result files as the stages before compare and track leave them, made up: small, plausible, and known exactly."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from lenet5.params import Params, load_params
from pipeline.files import FRONT, IMPORTANCES, MODELS, PREDICTIONS, TRIALS
from pipeline.results import HISTORY_COLUMNS, PREDICTION_COLUMNS

PATTERNS = 400
EPOCHS = 3
TRIAL_LINES = """\
trial,round,state,learning_rate,momentum,weight_decay,batch_size,j,energy_scale,\
c1_maps,c3_maps,c5_units,f6_units,multiply_adds,\
epochs,val_error_pct,val_error_pct_epoch_1,val_error_pct_epoch_2,val_error_pct_epoch_4,reason
0,0,COMPLETE,0.05,0.9,1e-4,64,5.0,0.05,6,16,120,84,326520,4,1.5,3.2,2.1,1.5,
1,0,PRUNED,0.2,0.97,1e-6,32,0.5,0.2,6,16,120,84,326520,1,88.7,88.7,,,
2,0,FAILED,0.2,0.97,1e-6,32,0.5,0.2,6,16,120,84,326520,,,,,,its process died 3 times
3,1,COMPLETE,0.06,0.9,1e-4,64,5.0,0.05,6,16,120,84,326520,4,1.25,3.0,2.0,1.25,
4,1,PRUNED,0.04,0.9,1e-4,128,5.0,0.05,6,16,120,84,326520,2,2.4,3.4,2.4,,
"""
# With one objective.
FRONT_LINES = """\
trial,val_error_pct,learning_rate,momentum,weight_decay,batch_size,j,energy_scale,c1_maps,c3_maps,c5_units,f6_units
3,1.25,0.06,0.9,1e-4,64,5.0,0.05,6,16,120,84
"""
IMPORTANCE_LINES = """\
hyperparameter,importance
learning_rate,0.75
momentum,0.25
batch_size,0.0
"""


def params_with(seeds: tuple[int, ...] = (1, 2, 3), **rows: dict[str, object]) -> Params:
    """The repository's params with these seeds, and with `rows` instead of its own if any are given."""
    params = load_params(Path(__file__).parents[2] / "params.yaml")
    default = {"network": "lenet5", "head": "rbf", "distortions": False, "paper": "lenet5"}
    changes: dict[str, object] = {"seeds": seeds}
    if rows:
        changes["rows"] = {name: default | row for name, row in rows.items()}
    train = type(params.train).model_validate(params.train.model_dump() | changes, strict=False)
    return params.model_copy(update={"train": train})


def write_results(folder: Path, params: Params, errors: int = 4) -> None:
    """Write predictions, misclassified patterns, histories and trials for all rows and seeds of `params` to `folder`.

    Each network gets `errors` of the 400 patterns wrong: seed by seed others, taken for the next digit.
    """
    label = np.arange(PATTERNS) % 10
    for row in params.train.rows:
        for position, seed in enumerate(params.train.seeds):
            wrong = np.arange(errors) + position * errors
            predicted = label.copy()
            predicted[wrong] = (label[wrong] + 1) % 10
            write_predictions(folder / PREDICTIONS / row / f"seed-{seed}.csv", label, predicted)
            write_history(folder / MODELS / row / f"seed-{seed}.csv", start=8.0 + seed)
            if position == 0:
                write_misclassified(folder / PREDICTIONS / row / "errors.safetensors", wrong, label, predicted)
    (folder / TRIALS).parent.mkdir(parents=True)
    for path, text in ((TRIALS, TRIAL_LINES), (FRONT, FRONT_LINES), (IMPORTANCES, IMPORTANCE_LINES)):
        (folder / path).write_text(text)


def write_predictions(path: Path, label: np.ndarray, predicted: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scores = -0.25 - np.abs(np.arange(10) - predicted[:, None])
    lines = [
        ",".join(map(repr, (index, int(label[index]), int(predicted[index]), *scores[index].tolist())))
        for index in range(len(label))
    ]
    path.write_text("\n".join([",".join(PREDICTION_COLUMNS), *lines]) + "\n")


def write_history(path: Path, start: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{epoch},0.05,{0.5 / epoch},{start / epoch**2}" for epoch in range(1, EPOCHS + 1)]
    path.write_text("\n".join([",".join(HISTORY_COLUMNS), *lines]) + "\n")


def write_misclassified(path: Path, wrong: np.ndarray, label: np.ndarray, predicted: np.ndarray) -> None:
    images = np.full((len(wrong), 32, 32), -0.1, dtype=np.float32)
    images[:, 8:24, 15:18] = 1.175
    tensors = {"images": images, "index": wrong, "label": label[wrong], "predicted": predicted[wrong]}
    save_file(tensors, path)
