"""Write the three locks, requirements*.lock, anew from pyproject.toml: `make lock`.

What is pinned already stays as it is while it still fits; remove a package's lines (or the files) first to have it
taken anew. One lock serves Python 3.11 and newer on Linux and macOS: lines that only some need carry a marker.
"""

import re
import subprocess
import tempfile
from pathlib import Path

LOCK, CUDA_LOCK = Path("requirements.lock"), Path("requirements-cuda.lock")
EXTRAS_LOCK = Path("requirements-extras.lock")
COMPILE = ["uv", "pip", "compile", "pyproject.toml", "--group=dev", "--python-version=3.11", "--universal"]
# One version of a package for every Python, so that a result does not depend on which one a person has.
COMPILE += ["--fork-strategy=fewest", "--generate-hashes", "--no-header", "--no-python-downloads", "--quiet"]

# The registry carries torch for Linux with CUDA only. These are the CPU builds of PyTorch's own index, Linux x86-64
# and aarch64, CPython 3.11 to 3.14, as that index lists them; a new torch needs new ones here.
TORCH_CPU_BUILDS = {
    "torch==2.13.0": [
        "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",
        "84453b69508ec79902f899c5ed9495acb9e2bbe9fda5f1d5d6f19e3c3842e1a7",
        "4ca4a9394b0c771238a4f73590fdbbc4debad85ed0fa63d026ae1b085da7d6e2",
        "6f307c2c32d764ffc6ff6893b801fad6d4752f3e67966cb8abf1843427c02604",
        "3fbf9c9d1f3c10c2d59d04aca426dee9ccc6ceb32d255c61e93acc3b4f75fae6",
        "0b8f7d0423027ae8b90c7977c627f3379f325363a08224dffad9b4b2d684a83d",
        "d20fa53ee744502fa4c69818a720b05ca0d37abd055d4f6e66cae155114bc691",
        "ca021f9eb2f8345c83fa03e3a04587308afb8df71bd472670b3ece00df58621c",
    ]
}
# What torch asks for only when it is a CUDA build.
CUDA_COMPANIONS = ("cuda-", "nvidia-", "triton")

HEADER = """\
# Every package with its hashes. Made by `make lock` from pyproject.toml; installed by `make`, which sets up .venv.
"""
CUDA_HEADER = """\
# What a CUDA build of torch needs besides requirements.lock. Made by `make lock`; `make` installs it with such a torch.
"""
EXTRAS_HEADER = """\
# What the extras need besides requirements.lock. Made by `make lock`; installed by `make extras` and what needs it.
"""


def main() -> None:
    """Resolve, add the hashes that the registry does not know, and write the three files."""
    pinned = "".join(path.read_text() for path in (LOCK, CUDA_LOCK, EXTRAS_LOCK) if path.exists())
    everything = resolve(pinned, "--all-extras")
    blocks = [with_cpu_builds(block) for block in split(resolve(everything))]
    LOCK.write_text(HEADER + "".join(block for block in blocks if not block.startswith(CUDA_COMPANIONS)))
    CUDA_LOCK.write_text(CUDA_HEADER + "".join(block for block in blocks if block.startswith(CUDA_COMPANIONS)))
    base = {name_of(block) for block in blocks}
    extras = [block for block in split(everything) if name_of(block) not in base]
    EXTRAS_LOCK.write_text(EXTRAS_HEADER + "".join(extras))


def resolve(pinned: str, *options: str) -> str:
    """Everything that pyproject.toml asks for, one version each with hashes, as requirements for pip.

    What is in `pinned`, in the same form, keeps its version where that fits.
    """
    with tempfile.TemporaryDirectory() as folder:
        # uv prefers the versions that it finds in the file it is to write (and would keep stale hashes: left out).
        output = Path(folder) / "all.lock"
        output.write_text(re.sub(r" \\\n +--hash=\S+", "", pinned))
        subprocess.run([*COMPILE, *options, f"--output-file={output}"], check=True, stdout=subprocess.DEVNULL)
        return output.read_text()


def name_of(block: str) -> str:
    """The package that a block of lines pins."""
    return block.split("==", 1)[0]


def split(lock: str) -> list[str]:
    """One block of lines for each package: its name, its hashes, and what asks for it."""
    blocks: list[str] = []
    for line in lock.splitlines(keepends=True):
        if line.startswith((" ", "#")) and blocks:
            blocks[-1] += line
        elif not line.startswith("#"):
            blocks.append(line)
    return blocks


def with_cpu_builds(block: str) -> str:
    """The block of a package, torch's with the hashes of its CPU builds as well."""
    name, first_hash = block.split(" ", 1)[0], block.find("    --hash=")
    if not name.startswith("torch=="):
        return block
    added = "".join(f"    --hash=sha256:{digest} \\\n" for digest in TORCH_CPU_BUILDS[name])
    return block[:first_hash] + added + block[first_hash:]


if __name__ == "__main__":
    main()
