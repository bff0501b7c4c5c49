import gzip
import io
import re
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet5.data.mnist import PinnedFile
from lenet5.data.sources import Patience, SourceError, from_folder, from_https, unpack
from tests.data.samples import Answer, Server, make_sample, pin, sends, serving
from tests.patience import soon

CONTENT = make_sample().contents["t10k-images-idx3-ubyte"]
PINNED = pin("t10k-images-idx3-ubyte", CONTENT)
COMPRESSED = gzip.compress(CONTENT)
PATH = f"/{PINNED.name}.gz"
HEAD = b"HTTP/1.0 200 OK\r\n\r\n"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def fetch(url: str, patience_s: float = 20, pinned: PinnedFile = PINNED) -> bytes:
    ((found, content),) = from_https(url, [pinned], patience_s, lambda *_: None)
    assert found is pinned
    return content


def failure(url: str, patience_s: float = 20) -> str:
    with pytest.raises(SourceError) as raised:
        fetch(url, patience_s)
    reason = str(raised.value)
    assert "\n" not in reason
    return reason


@pytest.mark.parametrize(
    "answer",
    [
        sends(COMPRESSED),
        sends(CONTENT),
        sends(COMPRESSED, Content_Encoding="gzip", Content_Type="application/octet-stream"),
        sends(gzip.compress(COMPRESSED), Content_Encoding="gzip"),
        sends(gzip.compress(CONTENT[:5000]) + gzip.compress(CONTENT[5000:])),
    ],
    ids=["gz", "raw", "gz that requests unpacks", "gz in gz", "gz in two members"],
)
def test_gz_and_raw_give_the_pinned_content(server: Server, answer: Answer) -> None:
    server.answers[PATH] = answer
    assert fetch(server.url) == CONTENT


def swapped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (sends(gzip.compress(swapped(CONTENT))), f": SHA-256 is .*, expected {PINNED.sha256}"),
        (sends(swapped(CONTENT)), f": SHA-256 is .*, expected {PINNED.sha256}"),
        (sends(b"<html>Welcome to this hotel</html>"), f": 34 bytes long, expected {len(CONTENT)}"),
        (sends(b""), f": 0 bytes long, expected {len(CONTENT)}"),
        (sends(b"no", status=404), "404 Client Error: Not Found for url: .*"),
        (sends(b"no", status=503), "503 Server Error: Service Unavailable for url: .*"),
        (sends(COMPRESSED[:-2000]), ": damaged gz file: .* ended before .*"),
        (sends(COMPRESSED[:9]), ": damaged gz file: .* ended before .*"),
        (sends(COMPRESSED[:-2000], Content_Length=str(len(COMPRESSED))), ".*IncompleteRead.*"),
        (sends(COMPRESSED[:500] + bytes(500) + COMPRESSED[1000:]), ": damaged gz file: .*"),
        (sends(CONTENT, Content_Length="many"), ".*many.*"),
        (lambda request: None, ".*closed connection without response"),
        (sends(b"", status=302, Location="/" + PATH[1:]), "Exceeded 30 redirects."),
    ],
    ids=[
        *("wrong gz", "wrong raw", "page", "empty", "404", "503", "cut gz", "cut header", "cut connection"),
        *("damaged gz", "length", "hangs up", "circle"),
    ],
)
def test_bad_answer_is_named_and_nothing_is_handed_on(server: Server, answer: Answer, reason: str) -> None:
    server.answers[PATH] = answer
    assert re.fullmatch(f"({PINNED.name})?{reason}", failure(server.url))


def test_refused_connection_fails_at_once() -> None:
    with socket.socket() as taken, soon():
        taken.bind(("127.0.0.1", 0))
        assert failure(f"http://127.0.0.1:{taken.getsockname()[1]}/") == "Connection refused"


def silent(server: Server) -> Answer:
    return server.forever(b"", b"", 1)


def stalling(server: Server) -> Answer:
    return server.forever(HEAD + COMPRESSED[:20_000], b"", 1)


def trickling_headers(server: Server) -> Answer:
    return server.forever(b"HTTP/1.0 200 OK\r\n", b"X: y\r\n", 0.05)


def trickling(server: Server) -> Answer:
    return server.forever(HEAD + COMPRESSED[:50], COMPRESSED[50:51] * 500, 0.05)


@pytest.mark.parametrize(
    ("make_answer", "patience_s", "reason"),
    [
        (silent, 0.5, "silent for 0.5 s"),
        (stalling, 0.5, "silent for 0.5 s"),
        (trickling_headers, 0.5, "silent for 0.5 s"),
        (trickling, 1.5, "too slow: .* KiB/s, expected 16 or more"),
    ],
)
def test_slow_source_costs_its_patience(
    server: Server, make_answer: Callable[[Server], Answer], patience_s: float, reason: str
) -> None:
    server.answers[PATH] = make_answer(server)
    with soon():
        assert re.fullmatch(reason, failure(server.url, patience_s))


def test_steady_pace_above_the_slowest_is_waited_for(server: Server) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(HEAD)
        for start in range(0, len(COMPRESSED), 8192):
            request.wfile.write(COMPRESSED[start : start + 8192])
            time.sleep(0.25)

    server.answers[PATH] = answer
    assert fetch(server.url, patience_s=0.8) == CONTENT


def test_bomb_and_endless_stream_stay_small_in_memory(server: Server) -> None:
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb", compresslevel=1) as file:
        for _ in range(100):
            file.write(bytes(2**20))
    server.answers[PATH] = sends(bomb.getvalue()[: len(CONTENT)])
    tracemalloc.start()
    try:
        assert failure(server.url).endswith(f"longer than the {len(CONTENT)} bytes expected")
        server.answers[PATH] = server.forever(HEAD, bytes(2**16), 0)
        assert failure(server.url).endswith(f"longer than the {len(CONTENT)} bytes expected")
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


def test_progress_counts_up_to_what_the_server_announced(server: Server) -> None:
    server.answers[PATH] = sends(COMPRESSED)
    seen: list[tuple[str, int, int | None]] = []
    list(from_https(server.url, [PINNED], 20, lambda *step: seen.append(step)))
    assert seen[-1] == (PINNED.name, len(COMPRESSED), len(COMPRESSED))
    assert seen == sorted(seen, key=lambda step: step[1])


@given(st.data())
def test_no_damage_gets_through(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from([COMPRESSED, CONTENT])))
    for position in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=3)):
        damaged[position] ^= data.draw(st.integers(1, 255))
    del damaged[data.draw(st.integers(1, len(damaged))) :]
    try:
        assert unpack(bytes(damaged), PINNED) == CONTENT
    except SourceError as error:
        assert "\n" not in str(error)


def test_folder_gives_raw_and_gz(tmp_path: Path) -> None:
    sample = make_sample()
    for number, (name, content) in enumerate(sample.contents.items()):
        path = tmp_path / (name if number % 2 else f"{name}.gz")
        path.write_bytes(content if number < 2 else gzip.compress(content))
    assert {pinned.name: content for pinned, content in from_folder(tmp_path, sample.files)} == sample.contents


def test_folder_says_what_is_wrong(tmp_path: Path) -> None:
    def reason(folder: Path | None) -> str:
        with pytest.raises(SourceError) as raised:
            list(from_folder(folder, [PINNED]))
        return str(raised.value)

    path = tmp_path / PINNED.name
    assert reason(None) == "LENET5_DATA is not set"
    assert reason(tmp_path) == f"neither {path} nor {path.name}.gz is there"
    path.write_bytes(CONTENT[:-1])
    assert reason(tmp_path) == f"{path.name}: {len(CONTENT) - 1} bytes long, expected {len(CONTENT)}"
    path.write_bytes(swapped(CONTENT))
    assert f"expected {PINNED.sha256}" in reason(tmp_path)


def test_patience_needs_bytes_in_time_and_a_pace_in_the_long_run() -> None:
    patience = Patience(10)
    patience.note(100_000)
    patience.started -= 60
    with pytest.raises(SourceError, match=r"^too slow: 1\.\d KiB/s, expected 16 or more$"):
        patience.note(100_001)
    patience.heard -= 10
    with pytest.raises(SourceError, match=r"^silent for 10 s$"):
        patience.note(100_001)
