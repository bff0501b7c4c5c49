"""What a user would write from the documentation: Lightning with its defaults, DataLoader, TensorDataset."""

import tempfile

import pytorch_lightning as lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.contestants.bare import distorted
from benchmarks.contestants.inputs import SEED, hyperparameters, ranges, test_data, training_data
from benchmarks.contestants.options import Options, Work
from benchmarks.obvious import ObviousLeNet5, obvious_loss
from lenet5.data.distortions import draw_maps
from lenet5.hyperparameters import Hyperparameters

Example = tuple[Tensor, ...]


class StockModule(lightning.LightningModule):
    """The obvious network in a LightningModule."""

    def __init__(self, chosen: Hyperparameters) -> None:
        super().__init__()
        self.chosen, self.network = chosen, ObviousLeNet5()

    def training_step(self, batch: Example, batch_idx: int) -> Tensor:
        images, labels = batch
        loss = obvious_loss(self.network(images), labels, self.chosen.j, self.chosen.energy_scale)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch: Example, batch_idx: int) -> None:
        images, labels = batch
        wrong = self.network(images).argmin(1) != labels
        self.log("val_error_pct", 100 * wrong.float().mean())

    def test_step(self, batch: Example, batch_idx: int) -> None:
        self.validation_step(batch, batch_idx)

    def configure_optimizers(self) -> lightning.utilities.types.OptimizerLRScheduler:
        chosen = self.chosen
        optimizer = torch.optim.SGD(
            self.parameters(), chosen.learning_rate, chosen.momentum, weight_decay=chosen.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            chosen.learning_rate,
            total_steps=int(self.trainer.estimated_stepping_batches),
            cycle_momentum=False,
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class DistortedDataset(TensorDataset):
    """Distorts an example when it is asked for, as a transform of a data set does."""

    def __init__(self, images: Tensor, labels: Tensor, maps: Tensor) -> None:
        super().__init__(images, labels)
        self.maps = maps

    def __getitem__(self, index: int) -> Example:
        image, label = self.tensors[0][index], self.tensors[1][index]
        return distorted(image[None], self.maps[index : index + 1])[0], label


def trainer(epochs: int, folder: str) -> lightning.Trainer:
    """Lightning's defaults, but for the folder that its logs and checkpoints go to."""
    return lightning.Trainer(max_epochs=epochs, default_root_dir=folder)


def work(options: Options) -> Work:
    """An epoch by `fit`, or an evaluation by `test`."""
    lightning.seed_everything(SEED)
    return epoch(options) if options.task == "epoch" else evaluation(options)


def epoch(options: Options) -> Work:
    data, chosen, distortions = training_data(options), hyperparameters(options), ranges(options)
    images, labels = data.images[:, None], data.labels
    dataset = TensorDataset(images, labels)
    if distortions:
        dataset = DistortedDataset(images, labels, draw_maps(distortions, SEED, 0, len(labels)))

    def train() -> int:
        with tempfile.TemporaryDirectory() as folder:
            loader = DataLoader(dataset, batch_size=chosen.batch_size, shuffle=True)
            trainer(1, folder).fit(StockModule(chosen), loader)
        return len(labels)

    return train


def evaluation(options: Options) -> Work:
    images, labels = test_data(options)
    chosen = hyperparameters(options)

    def evaluate() -> int:
        with tempfile.TemporaryDirectory() as folder:
            loader = DataLoader(TensorDataset(images[:, None], labels), batch_size=chosen.batch_size)
            trainer(1, folder).test(StockModule(chosen), loader)
        return len(labels)

    return evaluate
