"""The study as Optuna's documentation shows it: `study.optimize`, an objective that trains by the stock recipe.

It tries configurations that our study tried, each to its end: no pruning.
"""

import csv
import tempfile

import optuna
import pytorch_lightning as lightning
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.contestants.inputs import SEED
from benchmarks.contestants.options import Options, Work
from benchmarks.contestants.stock import StockModule, trainer
from lenet5.data.prepared import load_training_data
from lenet5.hyperparameters import Hyperparameters
from lenet5.params import load_params
from pipeline.files import TRIALS

EVALUATION_BATCH = 500


def work(options: Options) -> Work:
    """Some trials of the study; its sampler and its store in memory are Optuna's defaults."""
    lightning.seed_everything(SEED)
    data, n = load_training_data(options.training_data), options.patterns
    everything = TensorDataset(data.images[:, None], data.labels)
    train = TensorDataset(*everything[data.train[:n]])
    validation = TensorDataset(*everything[data.validation[:n]])
    epochs = load_params().search.rungs[-1]

    def objective(trial: optuna.Trial) -> float:
        chosen = Hyperparameters.model_validate({name: suggested(trial, name) for name in load_params().search.space})
        with tempfile.TemporaryDirectory() as folder:
            fit = trainer(epochs, folder)
            loader = DataLoader(train, batch_size=chosen.batch_size, shuffle=True)
            fit.fit(StockModule(chosen), loader, DataLoader(validation, batch_size=EVALUATION_BATCH))
            return float(fit.callback_metrics["val_error_pct"])

    def optimize() -> int:
        study = optuna.create_study()
        for configuration in spread_out(configurations(), options.trials):
            study.enqueue_trial(configuration)
        study.optimize(objective, n_trials=options.trials)
        return options.trials

    return optimize


def configurations() -> list[dict[str, float]]:
    """What the trials of our study were."""
    with TRIALS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    wanted = load_params().search.space
    return [{name: (int if name == "batch_size" else float)(line[name]) for name in wanted} for line in lines]


def spread_out(tried: list[dict[str, float]], count: int) -> list[dict[str, float]]:
    """So many of them, at equal distances: those of the middle of the study if they are few."""
    return [tried[int((position + 0.5) * len(tried) / count)] for position in range(count)]


def suggested(trial: optuna.Trial, name: str) -> float:
    """A value from the range that the study has; it is the enqueued one."""
    dimension = load_params().search.space[name]
    if dimension.type == "categorical":
        value: float = trial.suggest_categorical(name, dimension.choices)  # type: ignore[assignment]
        return value
    if dimension.type == "int":
        return trial.suggest_int(name, dimension.low, dimension.high, log=dimension.log)
    return trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
