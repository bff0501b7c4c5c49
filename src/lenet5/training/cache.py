"""The local job cache: finished trainings, and how far unfinished ones have come, by fingerprint."""

import hashlib
import os
import platform
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from safetensors.torch import load, save

import lenet5
from lenet5 import numerics
from lenet5.training.job import Job, TrainingResult

CHECKSUM_BYTES = 32


@cache
def code_digest(code: tuple[str, ...]) -> str:
    """A hash of the code that runs a job, of the libraries' versions, and of the arithmetic."""
    digest = hashlib.sha256()
    package = Path(lenet5.__file__).parent
    for pattern in code:
        for path in sorted(package.glob(pattern)):
            digest.update(path.read_bytes())
    arithmetic = {name: os.environ.get(name) for name in numerics.environment("portable")}
    libraries = [f"{name} {version(name)}" for name in ("torch", "numpy", "numba", "llvmlite", "pytorch-lightning")]
    digest.update(f"{libraries} {platform.machine()} {arithmetic}".encode())
    return digest.hexdigest()


def checksum_of(content: bytes) -> bytes:
    """The SHA-256 that ends a file, so that one changed byte is noticed: these results stand in for a training."""
    return hashlib.sha256(content).digest()


class JobCache:
    """Results in one folder, a file each. Several processes may use it at once: files appear whole or not at all."""

    def __init__(self, folder: Path, data_digest: str) -> None:
        self.folder, self.data_digest = folder, data_digest

    def surroundings(self, code: tuple[str, ...]) -> str:
        """What, besides the job itself, a result of such `code` depends on."""
        return f"{self.data_digest} {code_digest(code)}"

    def path(self, job: Job) -> Path:
        return self.folder / f"{job.fingerprint(self.surroundings(job.CODE))}.job"

    def find(self, job: Job) -> TrainingResult | None:
        """The result of `job` if it has been finished; a damaged or unreadable file counts as none."""
        try:
            content = self.path(job).read_bytes()
        except OSError:
            return None
        tensors, checksum = content[:-CHECKSUM_BYTES], content[-CHECKSUM_BYTES:]
        return TrainingResult.from_tensors(load(tensors)) if checksum_of(tensors) == checksum else None

    def furthest(self, job: Job) -> TrainingResult | None:
        """The longest known part of the training that `job` is, at most up to its `stop_after`."""
        for epoch in range(job.stop_after, 0, -1):
            if found := self.find(job.up_to(epoch)):
                return found
        return None

    def keep(self, job: Job, result: TrainingResult) -> None:
        """Store the state of `job`'s training after `result.epochs`."""
        path = self.path(job.up_to(result.epochs))
        content = save(result.to_tensors())
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content + checksum_of(content))
            Path(temporary).replace(path)
        except OSError as error:
            error.filename = error.filename or str(path)  # a full disk names no file
            raise
        finally:
            Path(temporary).unlink(missing_ok=True)

    def forget(self, job: Job) -> None:
        """Drop one entry, if it is there."""
        self.path(job).unlink(missing_ok=True)
