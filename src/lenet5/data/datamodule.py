"""MNIST in memory, many patterns at once: an order per epoch, distortions on the fly, no Python per example."""

from collections.abc import Iterator

import torch
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from lenet5.data.distortions import distort, draw_maps
from lenet5.data.prepared import TrainingData
from lenet5.params import Distortions
from lenet5.randomness import generator

Batch = tuple[Tensor, Tensor]
"""Images [n, 32, 32] and labels [n]."""

UPDATES_AT_ONCE = 16
"""Mini-batches handed over together: Lightning's hooks around each by itself would cost a tenth of its time."""


class EpochOrder(Sampler[tuple[int, Tensor]]):
    """An epoch in stretches of up to UPDATES_AT_ONCE mini-batches, as (epoch, indices [n]): a permutation that is a
    function of (seed, epoch) alone.

    Lightning calls `set_epoch`, counting from 0 in every fit; `first_epoch` is added, so that a resumed training goes
    on where it stopped (Lightning-AI/pytorch-lightning#17543: the global generators are not restored).
    """

    def __init__(self, patterns: Tensor, batch_size: int, seed: int, first_epoch: int) -> None:
        self.patterns, self.stretch, self.seed = patterns, batch_size * UPDATES_AT_ONCE, seed
        self.first_epoch = self.epoch = first_epoch

    def set_epoch(self, epoch: int) -> None:
        self.epoch = self.first_epoch + epoch

    def __len__(self) -> int:
        return -(-len(self.patterns) // self.stretch)

    def __iter__(self) -> Iterator[tuple[int, Tensor]]:
        order = torch.randperm(len(self.patterns), generator=generator("order", self.seed, self.epoch))
        for indices in torch.split(self.patterns[order], self.stretch):
            yield self.epoch, indices


class Patterns(Dataset[Batch]):
    """Many patterns at once, distorted if `distortions` says how."""

    def __init__(self, data: TrainingData, distortions: Distortions | None, seed: int) -> None:
        self.data, self.distortions, self.seed = data, distortions, seed
        self.maps: tuple[int, Tensor] | None = None

    def __getitem__(self, item: tuple[int, Tensor]) -> Batch:
        epoch, indices = item
        images, labels = self.data.images[indices], self.data.labels[indices]
        if self.distortions is not None:
            images = distort(images, self._maps_of(epoch, self.distortions)[indices])
        return images, labels

    def _maps_of(self, epoch: int, distortions: Distortions) -> Tensor:
        if self.maps is None or self.maps[0] != epoch:
            self.maps = epoch, draw_maps(distortions, self.seed, epoch, len(self.data.labels))
        return self.maps[1]


class MnistData(LightningDataModule):
    """What one job trains and validates on."""

    def __init__(
        self, patterns: Patterns, train: Tensor, validation: Tensor, batch_size: int, first_epoch: int
    ) -> None:
        super().__init__()
        self.patterns, self.train, self.validation = patterns, train, validation
        self.batch_size, self.first_epoch = batch_size, first_epoch

    def train_dataloader(self) -> DataLoader[Batch]:
        order = EpochOrder(self.train, self.batch_size, self.patterns.seed, self.first_epoch)
        return DataLoader(self.patterns, sampler=order, batch_size=None)

    def val_dataloader(self) -> DataLoader[Batch]:
        plain = Patterns(self.patterns.data, None, self.patterns.seed)
        return DataLoader(plain, sampler=[(0, each) for each in torch.split(self.validation, 500)], batch_size=None)
