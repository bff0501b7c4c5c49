"""The champion over HTTP and from the command line: raw images in, answers out, a clear line for anything else."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from lenet5.recogniser import Recogniser
from lenet5.tracking.registry import propose
from lenet5.tracking.sync import sync
from tests.made_networks import DESCRIPTION, images, network_run
from tests.mlflow_view import empty_database
from tests.ports import free_port
from tests.processes import wait_until

ROOT = Path(__file__).parents[1]
NAN = float("nan")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow with a champion: a network with random weights."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "mlflow.db").write_bytes(empty_database())
    record, candidate = network_run(folder, 1, range(5))
    sync([record], f"sqlite:///{folder}/mlflow.db")
    propose(candidate, 0.95, f"sqlite:///{folder}/mlflow.db")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """What `make serve` serves."""
    port = free_port()
    paths = {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    settings = {"PORT": str(port), "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"} | paths
    command = [sys.executable, str(ROOT / "tools" / "serve.py")]
    log = (folder / "serve.log").open("w")
    server = subprocess.Popen(
        command, env=os.environ | settings, cwd=folder, stdout=log, stderr=log, start_new_session=True
    )
    try:
        up = wait_until(lambda: server.poll() is not None or ping(port), patience_s=120)
        assert up and server.poll() is None, (folder / "serve.log").read_text()
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def ping(port: int) -> bool:
    try:
        return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5).status == 200)
    except OSError:
        return False


def ask(address: str, request: Any, content_type: str = "application/json") -> tuple[int, Any]:
    """Status and content of the answer to a request, which is sent as JSON unless it is text already."""
    body = request if isinstance(request, str) else json.dumps(request)
    post = urllib.request.Request(address, body.encode(), {"Content-Type": content_type})
    try:
        with urllib.request.urlopen(post, timeout=60) as answer:
            return int(answer.status), json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def expected(folder: Path, greys: np.ndarray, threshold: float | None = None) -> list[Any]:
    """What the network itself says."""
    return list(Recogniser(DESCRIPTION, load_file(folder / "seed-1.safetensors")).answers(greys, threshold))


def assert_same(found: list[dict[str, Any]], wanted: list[Any]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.keys() == {"digit", "probabilities", "rubbish", "margin", "reject"}
        assert (one["digit"], one["reject"]) == (other["digit"], other["reject"])
        for name in ("probabilities", "rubbish", "margin"):
            np.testing.assert_allclose(one[name], other[name], rtol=1e-9)


@pytest.mark.parametrize("count", [1, 2, 501])
def test_over_http_it_answers_as_the_network_does(address: str, folder: Path, count: int) -> None:
    greys = images(count, seed=3)
    status, answer = ask(address, {"inputs": greys.tolist()})
    assert status == 200
    assert_same(answer["predictions"], expected(folder, greys))
    assert {each["reject"] for each in expected(folder, images(501, seed=3))} == {True, False}


def test_one_image_needs_no_list_around_it(address: str, folder: Path) -> None:
    greys = images(1)
    for inputs in (greys[0].tolist(), greys[0].astype(float).tolist()):
        status, answer = ask(address, {"inputs": inputs})
        assert status == 200
        assert_same(answer["predictions"], expected(folder, greys))


@pytest.mark.parametrize("threshold", [0.0, 1e6])
def test_the_threshold_can_be_another_for_one_request(address: str, folder: Path, threshold: float) -> None:
    greys = images(3)
    status, answer = ask(address, {"inputs": greys.tolist(), "params": {"rejection_threshold": threshold}})
    assert status == 200
    assert_same(answer["predictions"], expected(folder, greys, threshold))
    assert {each["reject"] for each in answer["predictions"]} == {threshold > 0}


def spoilt(value: Any) -> list[Any]:
    """An image with one pixel that is no grey value."""
    image: list[Any] = images(1)[0].tolist()
    image[4][7] = value
    return image


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ([], "there is no image"),
        ([[]], "there is no image"),
        (7, "the shape is []"),
        ("a digit", "there is something else than numbers"),
        ({"image": images(1)[0].tolist()}, "there is something else than numbers"),
        (images(1)[0].ravel().tolist(), "the shape is [784]"),
        (images(1)[0][:27].tolist(), "the shape is [27, 28]"),
        (images(1)[..., None].tolist(), "the shape is [1, 28, 28, 1]"),
        ([[0, 1], [2]], "rows or images differ in length"),
        (spoilt("12"), "there is something else than numbers"),
        (spoilt("0.5"), "there is something else than numbers"),
        (spoilt(None), "there is something else than numbers"),
        (spoilt([1]), "rows or images differ in length"),
        (spoilt(-1), "image 0 has -1 at row 4, column 7"),
        (spoilt(256), "image 0 has 256 at row 4, column 7"),
        (spoilt(10**30), "there is something else than numbers"),
        (spoilt(0.5), "image 0 has 0.5 at row 4, column 7"),
        (spoilt(NAN), "image 0 has nan at row 4, column 7"),
        (spoilt(float("inf")), "image 0 has inf at row 4, column 7"),
        ([images(1)[0].tolist(), spoilt(1000)], "image 1 has 1000 at row 4, column 7"),
    ],
)
def test_what_is_no_image_is_refused_in_one_line(address: str, inputs: Any, complaint: str) -> None:
    status, answer = ask(address, {"inputs": inputs})
    assert status == 400
    wanted = "expected one image [28, 28] or several [n, 28, 28], of whole numbers from 0 to 255"
    assert answer["message"] == f"inputs: {complaint}; {wanted}"
    assert answer.keys() == {"error_code", "message", "sqlstate", "error_class"} - (
        {"sqlstate", "error_class"} - answer.keys()
    )


@pytest.mark.parametrize(
    ("request_body", "content_type", "status"),
    [
        ("no JSON", "application/json", 400),
        ("[1, 2]", "application/json", 400),
        ("{}", "application/json", 400),
        ('{"instances": [[1]]}', "application/json", 400),
        ('{"inputs": [[1]], "params": {"rejection_threshold": "high"}}', "application/json", 400),
        ("1,2\n3,4\n", "text/csv", 400),
    ],
)
def test_a_request_of_another_form_is_refused(address: str, request_body: str, content_type: str, status: int) -> None:
    assert ask(address, request_body, content_type)[0] == status


def test_the_example_of_the_documentation_works(address: str, folder: Path) -> None:
    (example,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "serving.md").read_text(), flags=re.DOTALL)
    greys = images(2, seed=9)
    (folder / "data" / "raw").mkdir(parents=True)
    (folder / "data" / "raw" / "train-images-idx3-ubyte").write_bytes(bytes(16) + greys.tobytes())
    shown_address = "http://127.0.0.1:5001/invocations"
    assert shown_address in example
    here = example.replace(shown_address, address).replace("python -c", f"{sys.executable} -c")
    found = subprocess.run(["sh", "-e", "-c", here], cwd=folder, capture_output=True, text=True, timeout=60)
    assert_same(json.loads(found.stdout)["predictions"], expected(folder, greys[:1]))


@pytest.mark.slow
def test_the_command_line_answers_too(folder: Path) -> None:
    greys = images(2)
    (folder / "request.json").write_text(json.dumps({"inputs": greys.tolist()}))
    found = predict(folder, "request.json")
    assert_same(json.loads(found.stdout)["predictions"], expected(folder, greys))
    (folder / "bad.json").write_text(json.dumps({"inputs": spoilt(NAN)}))
    refused = predict(folder, "bad.json")
    assert refused.returncode != 0
    assert "inputs: image 0 has nan at row 4, column 7; expected" in refused.stderr.strip().splitlines()[-1]


def environment(folder: Path) -> dict[str, str]:
    """In it `lenet5` cannot be imported but as it lies in the model."""
    broken = folder / "path" / "lenet5"
    broken.mkdir(parents=True, exist_ok=True)
    (broken / "__init__.py").write_text("raise ImportError('not the code of the model')")
    return os.environ | {"PYTHONPATH": str(broken.parent), "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}


def predict(folder: Path, request: str) -> "subprocess.CompletedProcess[str]":
    mlflow = str(Path(sys.executable).with_name("mlflow"))
    command = [mlflow, "models", "predict", "-m", "models:/lenet5@champion", "-i", request, "--env-manager", "local"]
    return subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=120)
