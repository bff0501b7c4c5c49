"""How Lightning runs a job."""

import logging
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import pytorch_lightning as lightning
import torch
from torch import Tensor
from torch.optim import Optimizer

from lenet5 import numerics
from lenet5.data.datamodule import Batch, MnistData, Patterns
from lenet5.data.prepared import TrainingData
from lenet5.models.lenet import build
from lenet5.models.losses import training_loss
from lenet5.models.sizes import Sizes
from lenet5.training.job import Epoch, TrainingJob, TrainingResult
from lenet5.training.optim import one_cycle, sgd

OnEpoch = Callable[[TrainingResult], None]


@dataclass
class Pass:
    """What one pass over the patterns gave so far. Not attributes of the module: torch makes setting those slow."""

    losses: list[Tensor] = field(default_factory=list)  # summed over the patterns of a stretch
    wrong: list[Tensor] = field(default_factory=list)
    updates: int = 0
    patterns: int = 0
    learning_rate: float = 0.0


class LeNetModule(lightning.LightningModule):
    """A network in training: its loss, its schedule, and the record of each epoch."""

    def __init__(self, job: TrainingJob, patterns: int, start: TrainingResult | None, on_epoch: OnEpoch) -> None:
        super().__init__()
        self.job, self.start, self.on_epoch = job, start, on_epoch
        self.updates_per_epoch = -(-patterns // job.hyperparameters.batch_size)
        self.history = start.history if start else ()
        self.network = build(job.network, job.head, Sizes.among(job.hyperparameters.model_dump()), job.seed)
        if start:
            self.network.load_state_dict(start.weights)
        self.predictions: list[Tensor] = []
        self.val_wrong: list[Tensor] = []
        # A step of Lightning's is several updates here: its hooks around each would cost a tenth of it.
        self.automatic_optimization = False

    def configure_optimizers(self) -> Optimizer:
        optimizer = sgd(self.network, self.job.hyperparameters)
        if self.start:
            for name, buffer in self.start.momentum.items():
                parameter = self.network.get_parameter(name)
                optimizer.state[parameter]["momentum_buffer"] = buffer.to(parameter, copy=True)
        return optimizer

    def on_train_epoch_start(self) -> None:
        self.this_pass = Pass()
        self.predictions.clear()
        self.val_wrong.clear()

    def training_step(self, stretch: Batch, _index: int) -> None:
        """Several updates, one for each mini-batch of the stretch."""
        images, labels = stretch
        size = self.job.hyperparameters.batch_size
        batches = zip(torch.split(images, size), torch.split(labels, size), strict=True)
        losses, scores = zip(*(self.update(*batch) for batch in batches), strict=True)
        sums = [loss.double() * len(each) for loss, each in zip(losses, scores, strict=True)]
        self.this_pass.losses.append(torch.stack(sums).sum())
        self.this_pass.wrong.append((torch.cat(scores).argmax(1) != labels).sum())
        self.this_pass.patterns += len(labels)

    def update(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Learn from one mini-batch; its mean loss and its scores, from before the update."""
        chosen, optimizer = self.job.hyperparameters, self.trainer.optimizers[0]
        scores = self.network(images)
        loss = training_loss(self.job.head, scores, labels, chosen.j, chosen.energy_scale)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        done = len(self.history) * self.updates_per_epoch + self.this_pass.updates
        self.this_pass.learning_rate = one_cycle(
            done / (self.job.epochs * self.updates_per_epoch), chosen.learning_rate
        )
        optimizer.param_groups[0]["lr"] = self.this_pass.learning_rate
        optimizer.step()
        self.this_pass.updates += 1
        return loss.detach(), scores.detach()

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        images, labels = batch
        predicted = self.network(images).argmax(1)
        self.predictions.append(predicted.cpu())
        self.val_wrong.append((predicted != labels).cpu())

    def on_train_epoch_end(self) -> None:
        """Lightning has validated by now."""
        val_wrong = torch.cat(self.val_wrong) if self.val_wrong else torch.empty(0)
        epoch = Epoch(
            learning_rate=self.this_pass.learning_rate,
            train_loss=float(torch.stack(self.this_pass.losses).sum()) / self.this_pass.patterns,
            train_error_pct=100 * int(torch.stack(self.this_pass.wrong).sum()) / self.this_pass.patterns,
            val_error_pct=100 * int(val_wrong.sum()) / len(val_wrong) if len(val_wrong) else math.nan,
        )
        self.history = (*self.history, epoch)
        self.on_epoch(self.result())

    def result(self) -> TrainingResult:
        """The state of the training now, on the CPU."""
        state = self.trainer.optimizers[0].state
        predictions = torch.cat(self.predictions) if self.predictions else torch.empty(0, dtype=torch.int64)
        return TrainingResult(
            weights={name: tensor.cpu().clone() for name, tensor in self.network.state_dict().items()},
            momentum={
                name: state[parameter]["momentum_buffer"].cpu().clone()
                for name, parameter in self.network.named_parameters()
                if "momentum_buffer" in state[parameter]  # not with a momentum of 0
            },
            history=self.history,
            validation_predictions=predictions,
        )


def run(
    job: TrainingJob, data: TrainingData, start: TrainingResult | None = None, on_epoch: OnEpoch = lambda _: None
) -> TrainingResult:
    """Train as `job` says, from `start` if given (an earlier result of the same training), else from the beginning.

    The result is the same to the bit from wherever it starts. `on_epoch` sees the state after every epoch.
    """
    if start and start.epochs == job.stop_after:
        return start
    torch.set_num_threads(1)
    quieten_lightning()
    first_epoch = start.epochs if start else 0
    fitting = trainer(job, first_epoch)
    train = data.train if job.patterns == "train" else torch.arange(len(data.labels))
    module = LeNetModule(job, len(train), start, on_epoch)
    patterns = Patterns(data.on(fitting.strategy.root_device), job.distortions, job.seed)
    batches = MnistData(patterns, train, data.validation, job.hyperparameters.batch_size, first_epoch)
    try:
        fitting.fit(module, datamodule=batches)
    except SystemExit as end:
        # Lightning makes of Ctrl-C an exit of 1; what it means is for the caller to say.
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from end
        raise
    return module.result()


def trainer(job: TrainingJob, first_epoch: int) -> lightning.Trainer:
    """Lightning's trainer for what `job` lacks, without everything that it does unasked."""
    return lightning.Trainer(
        accelerator="cpu" if numerics.is_portable() else "auto",
        devices=1,
        max_epochs=job.stop_after - first_epoch,
        deterministic=True,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_val_batches=1.0 if job.patterns == "train" else 0,
        use_distributed_sampler=False,
    )


def quieten_lightning() -> None:
    """Keep off the terminal what is no news: the device report, advice about loader processes (batches are in memory),
    and a deprecation in Lightning 2.6.6's own use of torch."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers")
    warnings.filterwarnings("ignore", message=".*LeafSpec.*is deprecated")
