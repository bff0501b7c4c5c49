#!/bin/sh
# Build .venv from the locks, unless it stands already; the targets of the Makefile call this.
# It stands if it was built here, from these very locks, to the end. Otherwise it is built from nothing.
# `set_up.sh extras` also adds what requirements-extras.lock names: Ray, PostgreSQL, the dashboard.
set -eu
cd "$(dirname "$0")/.."

fingerprint() { pwd && cat requirements.lock requirements-cuda.lock; }
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
stands() { [ -x .venv/bin/python ] && fingerprint | cmp -s - .venv/complete; }

# The lock names every package, so nothing is resolved here; `pip check` tells at the end whether they fit together.
# Only antlr4 (of dvc, through hydra) has no wheel: it is built, with the setuptools that the lock pins.
install() {
    pip install --no-deps --no-build-isolation --no-compile --require-hashes \
        --only-binary=:all: --no-binary=antlr4-python3-runtime --requirement "$1"
}

lines_of() { sed -n "/^$1==/,/# via/p" requirements.lock; }

# What pip would do one file after the other. Some packages carry templates that are no Python: no matter.
compile() { .venv/bin/python -m compileall -qq -j 0 .venv/lib || true; }

build() {
    echo "Building .venv from requirements.lock: two minutes or so, and only now"
    python=${PYTHON:-python3}
    "$python" -c 'import sys; sys.version_info >= (3, 11) or sys.exit("python3 is older than 3.11")'
    rm -rf .venv
    "$python" -m venv .venv

    lines_of setuptools > .venv/setuptools.lock
    install .venv/setuptools.lock

    # Given both, pip takes the registry's torch (on Linux with CUDA, 3 GB) before a CPU build from a local folder.
    lines_of torch | sed 's/^torch==[^ ]*/&+cpu/' > .venv/torch-cpu.lock
    if pip index versions torch 2>&1 | grep -qF "$(sed -n 's/^torch==\([^ ]*\).*/\1/p' .venv/torch-cpu.lock)"; then
        install .venv/torch-cpu.lock
    fi
    install requirements.lock
    if pip check | grep -q '^torch .* is not installed'; then
        install requirements-cuda.lock
    fi

    pip install --quiet --no-deps --no-build-isolation --editable .
    pip check
    compile
    fingerprint > .venv/complete
}

add_extras() {
    echo "Adding the extras from requirements-extras.lock to .venv"
    install requirements-extras.lock
    pip check
    compile
    cp requirements-extras.lock .venv/extras
}

stands || build
if [ "${1:-}" = extras ] && ! cmp -s requirements-extras.lock .venv/extras; then add_extras; fi
