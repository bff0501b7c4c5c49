"""The arithmetic: set before anything calculates, inherited by every process, and in `portable` the same on any maker's
processor.

What each variable is for, by leaving it out on an AMD with AVX-512 and as emulated Haswell and EPYC: without MKL_CBWR,
what torch multiplies (softmax heads) differs between Intel and AMD; without ATEN_CPU_CAPABILITY (softmax heads),
ONEDNN_MAX_CPU_ISA (lenet5-modern) or NPY_DISABLE_CPU_FEATURES (Optuna's suggestions), AVX-512 gives other bits than
AVX2. OPENBLAS_CORETYPE changes nothing on these; it keeps numpy's matrix products to the same kernel on others.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from lenet5 import numerics

ROOT = Path(__file__).parents[1]
BITS = ROOT / "tests" / "portable_bits.py"
OF_THE_NETWORKS = ("schedule", "lenet5-rbf", "lenet5-modern-softmax", "lenet5-1998")
ALL = (*OF_THE_NETWORKS, "lenet5-softmax", "intervals", "distortions", "suggestions")
GATHER = (
    "import numpy as np; x = np.random.RandomState(0).random_sample(999); assert (x[x.argsort()] == np.sort(x)).all()"
)


def run_python(*command: str, emulator: tuple[str, ...] = (), **environment: str) -> subprocess.CompletedProcess[str]:
    """A new Python that has none of this one's settings."""
    ours = numerics.environment("portable").keys()
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    paths = {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [*emulator, sys.executable, *command], env=inherited | paths | environment, capture_output=True, text=True
    )


def said_by(*command: str, emulator: tuple[str, ...] = (), **environment: str) -> list[str]:
    """The lines that it prints; it must succeed."""
    done = run_python(*command, emulator=emulator, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@cache
def native_bits() -> dict[str, str]:
    return bits(ALL)


def bits(kinds: tuple[str, ...], *emulator: str) -> dict[str, str]:
    """What portable_bits.py prints, by kind."""
    said = said_by(str(BITS), *kinds, emulator=emulator, **numerics.environment("portable"))
    return {kind: digest for digest, kind in map(str.split, said)}


@pytest.fixture(scope="module")
def qemu() -> str:
    """An emulator that computes right."""
    found = shutil.which("qemu-x86_64")
    if found is None:
        pytest.skip("needs qemu-x86_64 (Debian: qemu-user)")
    if run_python("-c", GATHER, emulator=(found, "-cpu", "Haswell-v4")).returncode != 0:
        pytest.skip("needs a newer qemu-x86_64: 7.2 (Debian 12) takes some gathers for none, 10.0 gathers right")
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_emulated_intel_gives_the_same_bits(qemu: str) -> None:
    assert bits(ALL, qemu, "-cpu", "Haswell-v4") == native_bits()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_emulated_amd_gives_the_same_bits(qemu: str) -> None:
    # The rest goes by what a processor can do, not by who made it.
    native = {kind: native_bits()[kind] for kind in OF_THE_NETWORKS}
    assert bits(OF_THE_NETWORKS, qemu, "-cpu", "EPYC-v1") == native


def test_what_was_compiled_just_now_and_what_was_kept_give_the_same_bits(tmp_path: Path) -> None:
    here = numerics.environment("portable") | {"NUMBA_CACHE_DIR": str(tmp_path)}
    compiled, kept = (
        said_by(str(BITS), "lenet5-rbf", "lenet5-1998", "distortions", emulator=(), **here) for _ in range(2)
    )
    assert list(tmp_path.rglob("*.nbc"))
    assert compiled == kept


@pytest.mark.parametrize(("library", "said"), [("torch", "torch and numpy"), ("numpy", "numpy")])
def test_setting_it_too_late_is_refused(library: str, said: str) -> None:
    code = f"import {library}; from lenet5 import numerics; numerics.set_up('portable')"
    done = run_python("-c", code)
    assert done.returncode == 1
    assert done.stderr.endswith(f"RuntimeError: numerics must be set before {said} is imported\n")


def test_it_may_be_set_twice() -> None:
    code = "from lenet5 import numerics; numerics.set_up('portable'); import numpy; numerics.set_up('portable')"
    assert run_python("-c", code).returncode == 0


SHOW = """
import json, os, subprocess, sys
from lenet5 import numerics
numerics.set_up(sys.argv[1])
import torch
print(torch.get_num_threads(), torch.backends.cpu.get_cpu_capability(), numerics.is_portable(), flush=True)
subprocess.run([sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"])
"""


def test_portable_is_one_thread_of_avx2_and_is_inherited() -> None:
    here, there = said_by("-c", SHOW, "portable", OMP_NUM_THREADS="7", MKL_CBWR="AUTO")
    assert here == "1 AVX2 True"
    assert json.loads(there).items() >= numerics.environment("portable").items()


def test_native_is_one_thread_and_leaves_the_rest_to_the_libraries() -> None:
    here, there = said_by("-c", SHOW, "native")
    assert here.startswith("1 ")
    assert here.endswith(" False")
    assert not numerics.PORTABLE.keys() & json.loads(there).keys()
