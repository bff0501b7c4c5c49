"""How the stages write tensors."""

from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from pipeline.files import writing


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write `tensors` to `path` as safetensors, whole or not at all."""
    # Through bytes: save_file raises an error of its own for a full disk, and makes files that only their owner reads.
    content = save(tensors)
    with writing(path) as temporary:
        temporary.write_bytes(content)
