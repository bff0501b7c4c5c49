"""A small data set of MNIST's form, and servers on the loopback that behave well or badly."""

import gzip
import hashlib
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet5.data.mnist import FILES, MnistFiles, PinnedFile


def encode(array: NDArray[np.uint8]) -> bytes:
    """The IDX file of an array of unsigned bytes."""
    return struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape) + array.tobytes()


def pin(name: str, content: bytes) -> PinnedFile:
    return PinnedFile(name, hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True)
class Sample:
    """A set with the names of the real one: 210 training and 50 test patterns, the classes not equally frequent."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    contents: dict[str, bytes]
    files: MnistFiles


def make_sample() -> Sample:
    random = np.random.RandomState(1998)
    images = random.randint(0, 256, (260, 28, 28)).astype(np.uint8)
    labels = np.concatenate([np.repeat(np.arange(10), np.arange(12, 32, 2)), np.arange(50) % 10]).astype(np.uint8)
    random.shuffle(labels[:210])
    arrays = (images[:210], labels[:210], images[210:], labels[210:])
    contents = {pinned.name: encode(array) for pinned, array in zip(FILES, arrays, strict=True)}
    return Sample(images, labels, contents, MnistFiles(*(pin(*item) for item in contents.items())))


Answer = Callable[[BaseHTTPRequestHandler], None]


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answer with `body`, whose length is announced unless `headers` say another."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


@dataclass
class Server:
    """A server on the loopback; what is not in `answers` is 404."""

    url: str
    answers: dict[str, Answer]
    asked: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over; an answer that never ends must watch it."""
    busy: threading.Event = field(default_factory=threading.Event)
    """Set once a slow answer has begun."""

    def mirror(self, contents: dict[str, bytes]) -> None:
        """Serve `contents` the way the mirrors do."""
        self.answers |= {f"/{name}.gz": sends(gzip.compress(content)) for name, content in contents.items()}

    def forever(self, first: bytes, then: bytes, pause_s: float) -> Answer:
        """Send `first`, then `then` again and again."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(first)
            self.busy.set()
            while not self.stop.wait(pause_s):
                request.wfile.write(then)

        return answer


@contextmanager
def serving(answers: dict[str, Answer] | None = None) -> Iterator[Server]:
    """A running server; `answers` maps paths to what happens."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            try:
                server.answers.get(self.path, sends(b"nothing here", status=404))(self)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_port}/", dict(answers or {}))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        http.shutdown()
        http.server_close()
        thread.join()
