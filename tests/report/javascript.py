"""The page's scripts outside a browser, in Node."""

import json
import shutil
import subprocess
from importlib import resources
from typing import Any

import pytest


def in_node(scripts: tuple[str, ...], expression: str, argument: object) -> Any:
    """What a JavaScript expression gives after the page's `scripts`; `argument` is what it calls `argument`.

    Skips the test if there is no Node.
    """
    if shutil.which("node") is None:
        pytest.skip("needs Node (Debian: nodejs)")
    sources = [resources.files("lenet5.report.page").joinpath(name).read_text(encoding="utf-8") for name in scripts]
    program = "\n".join(
        [
            *sources,
            'const argument = JSON.parse(require("fs").readFileSync(0, "utf8"));',
            f"console.log(JSON.stringify({expression}));",
        ]
    )
    done = subprocess.run(
        ["node", "--eval", program], input=json.dumps(argument), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
