"""The way into a Ray cluster: said in one line, within seconds, if there is none."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import ray
from ray._private import services
from ray.exceptions import RayError

import lenet5
from lenet5 import numerics
from lenet5.errors import UserError
from lenet5.workers.interface import KEEP_MEMORY

PATIENCE_S = 5.0
"""How long an address may take to answer."""
ATTEMPTS = 3


@dataclass(frozen=True)
class Request:
    """Which cluster, and what each job needs there: CPU cores and GPUs, which may be fractions."""

    address: str
    cpus: float
    gpus: float


def connect(address: str) -> None:
    """Join the cluster at `address`, so that its workers have this process's code and arithmetic.

    Raises:
        UserError: nothing answers there, or not a cluster that can be used.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    resolved = knock(address)
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        join(resolved)
    except (RayError, OSError, RuntimeError, ValueError) as error:
        raise UserError(f"LENET5_CLUSTER: {address} cannot be used as a Ray cluster: {one_line(error)}") from error
    finally:
        signal.signal(signal.SIGTERM, on_sigterm)  # Ray puts its own in place, which ends with 15


def join(address: str) -> None:
    """`ray.init`, some times if need be: for each client Ray starts a server on the cluster's first machine, and gives
    it half a minute to come up, which on a busy one may not do."""
    for attempt in range(ATTEMPTS):
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, runtime_env=environment_of_workers())
            return
        except ConnectionAbortedError:
            if attempt == ATTEMPTS - 1:
                raise


def knock(address: str) -> str:
    """See whether a server of Ray's kind answers; `ray.init` alone would try for minutes. Gives the address to use.

    Raises:
        UserError: none does.
    """
    advice = "should be auto, or the host:port of a cluster that `ray start --head` has started"
    try:
        # As ray.init does it: `auto` becomes an address, which may be that of a cluster that has ended.
        client = address.startswith("ray://")
        resolved = address if client else str(services.canonicalize_bootstrap_address_or_die(address))
        with grpc.insecure_channel(resolved.removeprefix("ray://")) as channel:
            grpc.channel_ready_future(channel).result(timeout=PATIENCE_S)
    except (OSError, grpc.FutureTimeoutError) as error:
        where = "on this machine" if address == "auto" else f"at {address}"
        raise UserError(f"LENET5_CLUSTER: no Ray cluster answers {where}; {advice}") from error
    return resolved


def environment_of_workers() -> dict[str, object]:
    """What Ray sees to before a worker's Python starts: the arithmetic, and this very code."""
    arithmetic = numerics.environment("portable" if numerics.is_portable() else "native")
    package = str(Path(lenet5.__file__).parent)
    # Compiled files are of this machine, and others may be writing them just now.
    return {"env_vars": arithmetic | KEEP_MEMORY, "py_modules": [package], "excludes": ["__pycache__"]}


@contextmanager
def sigterm_deferred() -> Iterator[Callable[[], None]]:
    """Hold SIGTERM back until the given function is called, or the block ends.

    Whatever exit code a handler asks for within one of Ray's calls, Ray makes 1 of it.
    """
    received: list[int] = []
    handler = signal.signal(signal.SIGTERM, lambda number, _frame: received.append(number))

    def act() -> None:
        if received:
            signal.signal(signal.SIGTERM, handler)
            signal.raise_signal(received.pop())

    try:
        yield act
        act()
    finally:
        signal.signal(signal.SIGTERM, handler)


def check_resources(request: Request) -> None:
    """Refuse to wait for resources that no node has.

    Raises:
        UserError: names the setting and the most that a node has.
    """
    if request.gpus and numerics.is_portable():
        raise UserError(
            "LENET5_JOB_GPUS: `numerics: portable` computes on the CPU alone; should be 0, or numerics native"
        )
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    for variable, resource, wanted in (
        ("LENET5_JOB_CPUS", "CPU", request.cpus),
        ("LENET5_JOB_GPUS", "GPU", request.gpus),
    ):
        most = max((node.get(resource, 0.0) for node in nodes), default=0.0)
        if wanted > most:
            raise UserError(f"{variable}: no node of the cluster has {wanted:g} {resource}; the most is {most:g}")


def one_line(error: BaseException) -> str:
    """The gist of an error of Ray, which may be pages long."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
