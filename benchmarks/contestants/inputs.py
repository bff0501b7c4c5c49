"""What all contestants get: the same patterns, the same hyperparameters, the same ranges of distortion."""

from torch import Tensor

from benchmarks.contestants.options import Options
from lenet5.data.prepared import TrainingData, load_test_data, load_training_data
from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Distortions, load_params
from pipeline.files import read_best

SEED = 1


def training_data(options: Options) -> TrainingData:
    """The first patterns of the training set, none set aside."""
    data, n = load_training_data(options.training_data), options.patterns
    return TrainingData(data.images[:n], data.labels[:n], data.train[:0], data.validation[:0])


def test_data(options: Options) -> tuple[Tensor, Tensor]:
    """The first patterns of the test set: images [n, 32, 32] and labels [n]."""
    images, labels = load_test_data(options.test_data)
    return images[: options.patterns], labels[: options.patterns]


def hyperparameters(options: Options) -> Hyperparameters:
    """Those that the search chose, with the batch size that is asked for."""
    return read_best().model_copy(update={"batch_size": options.batch_size})


def ranges(options: Options) -> Distortions | None:
    """How to distort, if that is asked for."""
    return load_params().distortions if options.distorted else None
