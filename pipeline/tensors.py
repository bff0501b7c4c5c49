"""How the stages write tensors, and read networks back."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from lenet5.errors import UserError
from lenet5.models.lenet import build
from lenet5.params import Row
from pipeline.files import writing


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write `tensors` to `path` as safetensors, whole or not at all."""
    # Through bytes: save_file raises an error of its own for a full disk, and makes files that only their owner reads.
    content = save(tensors)
    with writing(path) as temporary:
        temporary.write_bytes(content)


def load_network(row: Row, weights: Path) -> nn.Module:
    """The trained network of one seed.

    Raises:
        UserError: the weights are missing, damaged or of another network.
    """
    network = build(row.network, row.head)
    try:
        network.load_state_dict(load_file(weights))
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{weights}: not the weights of a {row.network} ({reason}); `dvc repro train`") from error
    return network
