"""The library: a training job as the stages run it, and `scores_of`."""

from benchmarks.contestants.inputs import SEED, hyperparameters, ranges, test_data, training_data
from benchmarks.contestants.options import Options, Work
from lenet5.evaluation import scores_of
from lenet5.models.lenet import build
from lenet5.training.job import TrainingJob
from lenet5.training.module import run


def work(options: Options) -> Work:
    """An epoch: Lightning's set-up and the record of the epoch are part of it."""
    return epoch(options) if options.task == "epoch" else evaluation(options)


def epoch(options: Options) -> Work:
    data = training_data(options)
    job = TrainingJob(
        network="lenet5",
        head="rbf",
        hyperparameters=hyperparameters(options),
        distortions=ranges(options),
        patterns="all",
        seed=SEED,
        epochs=1,
        stop_after=1,
    )

    def train() -> int:
        run(job, data)
        return len(data.labels)

    return train


def evaluation(options: Options) -> Work:
    images, _ = test_data(options)
    network = build("lenet5", "rbf", seed=SEED)

    def evaluate() -> int:
        return len(scores_of(network, images))

    return evaluate
