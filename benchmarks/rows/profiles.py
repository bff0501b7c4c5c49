"""The profile of a training step, of the obvious modules and of ours."""

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.plan import ROOT, Plan
from benchmarks.processes import plain_environment, shown
from benchmarks.records import Operation
from lenet5.errors import UserError


def profile(plan: Plan) -> Iterator[Operation]:
    """Every operation of both, the costliest first."""
    for contestant in ("bare", "ours"):
        command = [sys.executable, "-m", "benchmarks.profile", contestant, "--steps", str(plan.profiled_steps)]
        said = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True)
        if said.returncode:
            raise UserError(f"{shown(command)}: {said.stderr.strip().splitlines()[-1]}")
        for name, calls, microseconds in json.loads(said.stdout.strip().splitlines()[-1]):
            yield Operation(contestant, name, calls, microseconds)
