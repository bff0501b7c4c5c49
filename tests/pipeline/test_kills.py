"""kill -9, twenty times, of whatever takes part in a study: it ends with the same bytes, and nothing is done twice."""

import logging
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.files import STUDY, TEST_DATA
from tests.pipeline.made_inputs import contents, run_here, write_inputs
from tests.pipeline.stage import ROOT, start
from tests.processes import parent_of, wait_until, workers_of
from tests.ray_cluster import TwoNodes, two_nodes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
log = logging.getLogger(__name__)

SEED = 2003  # of which the moves between places are well mixed
SEARCH = {"trials": 40, "round_size": 4, "rungs": [1, 3, 5]}
JOBS_AT_ONCE = 2
# Added to the code of this study alone: every epoch that begins and every one that is kept, in one file, in the order
# of time; and a pause, so that there is time to kill.
BLACK_BOX = """

def note(event: str, job: Job, epoch: int) -> None:
    import os, time

    line = f"{event} {job.up_to(job.epochs).fingerprint('')} {epoch}\\n".encode()
    handle = os.open(BLACK_BOX, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, line)
    os.close(handle)
"""
IN_CACHE = """

_keep = JobCache.keep


def keep_and_note(self: JobCache, job: Job, result: TrainingResult) -> None:
    _keep(self, job, result)
    note("kept", job, result.epochs)


JobCache.keep = keep_and_note
"""
IN_MODULE = """

_run = run


def run(job, data, start=None, on_epoch=lambda _: None):
    import time
    from lenet5.training.cache import note

    def told(result):
        time.sleep(0.15)
        on_epoch(result)
        if result.epochs < job.stop_after:
            note("begun", job, result.epochs + 1)

    if not start or start.epochs < job.stop_after:
        note("begun", job, start.epochs + 1 if start else 1)
    return _run(job, data, start, told)
"""


class Study:
    """A study in a folder of its own, run by code that notes what it does."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.black_box = folder, folder / "black-box"
        write(folder)
        for name in ("src", "pipeline"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        training = folder / "src" / "lenet5" / "training"
        note = f"\n\nBLACK_BOX = {str(self.black_box)!r}\n{BLACK_BOX}"
        for path, added in ((training / "cache.py", note + IN_CACHE), (training / "module.py", IN_MODULE)):
            path.write_text(path.read_text() + added)

    def start(self, **environment: str) -> subprocess.Popen[str]:
        paths = {"PYTHONPATH": f"{self.folder / 'src'}{os.pathsep}{self.folder}"}
        return start("search", self.folder, None, None, subprocess.PIPE, **paths, **environment)

    def events(self) -> list[tuple[str, str, int]]:
        """(begun or kept, training, epoch), in the order of time."""
        lines = self.black_box.read_text().splitlines() if self.black_box.exists() else []
        return [(event, job, int(epoch)) for event, job, epoch in map(str.split, lines)]

    def kept(self) -> int:
        return sum(event == "kept" for event, _, _ in self.events())


def write(folder: Path) -> None:
    write_inputs(folder, search=SEARCH)
    (folder / TEST_DATA).unlink()


@pytest.fixture(scope="module")
def ray_nodes() -> Iterator[TwoNodes]:
    with two_nodes() as nodes:
        yield nodes


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    write(folder)
    run_here("search", folder)
    return contents(folder, str(STUDY))


def lives(chance: random.Random) -> list[list[str]]:
    """What is killed while each coordinator lives, which is killed itself at the end: 20 kills in all."""
    others = ["worker"] * 7 + ["node"] * 6
    chance.shuffle(others)
    # At most two in one life: a third death of one job would be the end of its trial.
    return [[*others[2 * life : 2 * life + 2], "coordinator"] for life in range(7)]


def test_twenty_kills_change_nothing_and_nothing_is_trained_twice(
    ray_nodes: TwoNodes, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    study, chance = Study(tmp_path), random.Random(SEED)
    kills, places = 0, set[str]()
    for number, victims in enumerate(lives(chance)):
        place = "Ray" if "node" in victims or number % 2 else "processes"
        places.add(place)
        coordinator = study.start(**environment_of(place, ray_nodes))
        for victim in victims:
            wait_for_a_moment(study, coordinator, chance)
            log.info("kill %d: %s, on %s, after %d epochs", kills, victim, place, study.kept())
            KILL[victim](coordinator, ray_nodes, chance)
            kills += 1
    assert (kills, places) == (20, {"processes", "Ray"})
    last = study.start(**environment_of("Ray", ray_nodes))
    _, said = last.communicate(timeout=300)
    assert last.returncode == 0, said
    assert contents(tmp_path, str(STUDY)) == undisturbed
    assert_nothing_is_done_twice(study.events(), kills)


def environment_of(place: str, ray_nodes: TwoNodes) -> dict[str, str]:
    return {"LENET5_CLUSTER": ray_nodes.address} if place == "Ray" else {"LENET5_WORKERS": str(JOBS_AT_ONCE)}


def wait_for_a_moment(study: Study, coordinator: subprocess.Popen[str], chance: random.Random) -> None:
    """Until one to three more epochs are kept, and then somewhere in the next one."""
    wanted = study.kept() + chance.randint(1, 3)
    assert wait_until(lambda: study.kept() >= wanted or coordinator.poll() is not None, 120)
    time.sleep(chance.uniform(0, 0.3))
    assert coordinator.poll() is None, f"the study ended too soon: {coordinator.communicate()[1]}"


def workers(coordinator: subprocess.Popen[str], ray_nodes: TwoNodes) -> list[int]:
    """What trains for this coordinator, wherever it is."""
    return sorted([*workers_of(coordinator.pid), *ray_nodes.workers()])


def kill_worker(coordinator: subprocess.Popen[str], ray_nodes: TwoNodes, chance: random.Random) -> None:
    def killed() -> bool:
        with suppress(ProcessLookupError):
            if alive := workers(coordinator, ray_nodes):
                os.kill(chance.choice(alive), signal.SIGKILL)
                return True
        return False  # none has begun, or it ended just before

    assert wait_until(killed)


def kill_node(_coordinator: subprocess.Popen[str], ray_nodes: TwoNodes, _chance: random.Random) -> None:
    ray_nodes.kill_node()
    ray_nodes.replace_node()


def kill_coordinator(coordinator: subprocess.Popen[str], ray_nodes: TwoNodes, _chance: random.Random) -> None:
    its_workers = workers(coordinator, ray_nodes)
    coordinator.kill()
    coordinator.communicate()
    assert wait_until(lambda: not [each for each in its_workers if parent_of(each) is not None])


KILL = {"worker": kill_worker, "node": kill_node, "coordinator": kill_coordinator}


def assert_nothing_is_done_twice(events: list[tuple[str, str, int]], kills: int) -> None:
    """No epoch begins that had been kept; what a kill costs is what was being trained at that moment."""
    reached, begun = dict[str, int](), Counter[tuple[str, int]]()
    for event, job, epoch in events:
        if event == "kept":
            reached[job] = max(epoch, reached.get(job, 0))
        else:
            begun[job, epoch] += 1
            assert epoch == reached.get(job, 0) + 1
    assert set(begun) == {(job, epoch) for job, last in reached.items() for epoch in range(1, last + 1)}
    assert 0 < begun.total() - len(begun) <= kills * JOBS_AT_ONCE
