"""Where the MNIST files can be had. Only content counts: a file is raw or gz, and nothing is handed on unverified.

A source that fails says why in a `SourceError`, after seconds: it may not be silent for longer than the patience that
it is given, nor, once that time is over, slower than `SLOWEST` on average.
"""

import gzip
import io
import queue
import threading
import time
import zlib
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from pooch import HTTPDownloader

from lenet5.data.mnist import PinnedFile

Verified = Generator[tuple[PinnedFile, bytes], None, None]
"""Files in the order they were wanted, with their uncompressed, verified content."""
Progress = Callable[[str, int, int | None], None]
"""Told now and then: what is being fetched, the bytes received so far, and all bytes if the source said so."""

SLOWEST = 16 * 1024
"""Bytes per second. A mirror's 11 MB take 12 minutes at this pace, and a source that trickles costs its patience."""
POLL_S = 0.1
CHUNK = 4096
"""Bytes. Small, since requests hands a chunk over only when it is full."""
GZ_OVERHEAD = 64 * 1024
"""Bytes by which a gz file may exceed its content; far more than gzip ever adds."""


class SourceError(Exception):
    """Why a source was left, in one line."""


class Patience:
    """How long one source is waited for."""

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self.started = self.heard = time.monotonic()
        self.received = 0

    def note(self, received: int) -> None:
        """Take down how many bytes have come so far.

        Raises:
            SourceError: the source is silent or too slow.
        """
        now = time.monotonic()
        if received > self.received:
            self.received, self.heard = received, now
        if now - self.heard >= self.patience_s:
            raise SourceError(f"silent for {self.patience_s:g} s")
        pace = received / max(now - self.started, self.patience_s)
        if now - self.started > self.patience_s and pace < SLOWEST:
            raise SourceError(f"too slow: {pace / 1024:.1f} KiB/s, expected {SLOWEST / 1024:g} or more")


def from_folder(folder: Path | None, wanted: Sequence[PinnedFile]) -> Verified:
    """Read files from the folder of LENET5_DATA, which holds them as `name` or `name.gz`.

    Raises:
        SourceError: no folder is set, or a file is not there, cannot be read, or is not the pinned one.
    """
    if folder is None:
        raise SourceError("LENET5_DATA is not set")
    for pinned in wanted:
        candidates = [folder / pinned.name, folder / f"{pinned.name}.gz"]
        path = next((path for path in candidates if path.is_file()), None)
        if path is None:
            raise SourceError(f"neither {candidates[0]} nor {candidates[1].name} is there")
        try:
            with path.open("rb") as file:
                content = file.read(pinned.size + GZ_OVERHEAD + 1)
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror}") from error
        yield pinned, unpack(content, pinned)


def from_https(url: str, wanted: Sequence[PinnedFile], patience_s: float, progress: Progress) -> Verified:
    """Fetch `name.gz` below `url` for each file.

    Raises:
        SourceError: the mirror is unreachable, refuses, is silent or too slow, or sends something else.
    """
    for pinned in wanted:
        content = get(f"{url}{pinned.name}.gz", pinned, patience_s, progress)
        yield pinned, unpack(content, pinned)


def get(url: str, pinned: PinnedFile, patience_s: float, progress: Progress) -> bytes:
    """What `url` answers, as it was sent; not longer than the pinned file can be.

    Raises:
        SourceError: see `from_https`.
    """
    patience, received, response = Patience(patience_s), bytearray(), Response()
    threading.Thread(target=response.fetch, args=(url, patience_s), daemon=True).start()
    try:
        while (chunk := response.next_chunk()) is not None:
            received += chunk
            patience.note(len(received))
            progress(pinned.name, len(received), response.total or None)
            if len(received) > pinned.size + GZ_OVERHEAD:
                raise SourceError(f"{pinned.name}: longer than the {pinned.size} bytes expected")
    finally:
        response.unwanted.set()
    return bytes(received)


class Response:
    """The body of an HTTP response on its way from pooch, which runs in a thread of its own.

    The thread is needed because neither the resolving of a name nor headers that come one byte at a time obey the
    timeout of requests; a thread can be left behind. To pooch this is both the output file and the progress bar.
    """

    def __init__(self) -> None:
        self.chunks: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()
        self.unwanted = threading.Event()
        self.total = 0
        """Bytes announced by the server; 0 if it did not say. Set by pooch."""

    def fetch(self, url: str, patience_s: float) -> None:
        """Run in the thread: put chunks, then None, or an exception."""
        # identity: without it requests would unpack, without our bound on the size, what a mirror labels as gzip.
        options = {"timeout": 2 * patience_s, "headers": {"Accept-Encoding": "identity"}}
        try:
            HTTPDownloader(progressbar=self, chunk_size=CHUNK, **options)(url, self, None)
            self.chunks.put(None)
        except Exception as error:
            self.chunks.put(error)

    def write(self, chunk: bytes) -> None:
        """Called by pooch."""
        if self.unwanted.is_set():
            raise SourceError("left")
        self.chunks.put(chunk)

    def flush(self) -> None:
        """Called by pooch; nothing to do, as for the three below."""

    def update(self, _count: int) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...

    def next_chunk(self) -> bytes | None:
        """The next bytes, none if they take longer than `POLL_S`, or None at the end.

        Raises:
            SourceError: the mirror could not be reached or refused.
        """
        try:
            chunk = self.chunks.get(timeout=POLL_S)
        except queue.Empty:
            return b""
        if isinstance(chunk, OSError | ValueError):
            raise SourceError(innermost_reason(chunk)) from chunk
        if isinstance(chunk, Exception):
            raise chunk
        return chunk


def innermost_reason(error: BaseException) -> str:
    """Of an exception wrapped in others, as those of requests are, the one that says what happened."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return " ".join(str(getattr(error, "strerror", None) or error).split())


def unpack(content: bytes, pinned: PinnedFile) -> bytes:
    """The verified content of `pinned`, from its raw or gz form.

    Raises:
        SourceError: it is something else, truncated or damaged.
    """
    try:
        if content.startswith(b"\x1f\x8b"):
            # One byte more than wanted is enough to refuse it; a gzip bomb is never unpacked further.
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(pinned.size + 1)
        pinned.check(content)
    except (EOFError, OSError, zlib.error) as error:
        raise SourceError(f"{pinned.name}: damaged gz file: {error}") from error
    except ValueError as error:
        raise SourceError(f"{pinned.name}: {error}") from error
    return content
