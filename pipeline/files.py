"""Where the stages keep things, and how they write: whole or not at all."""

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.errors import UserError
from lenet5.hyperparameters import Hyperparameters

RAW = Path("data/raw")
TRAINING_DATA = Path("data/prepared/training.safetensors")
TEST_DATA = Path("data/prepared/test.safetensors")
STUDY = Path("reports/study")
BEST = STUDY / "best.yaml"
TRIALS = STUDY / "trials.csv"
FRONT = STUDY / "front.csv"
IMPORTANCES = STUDY / "importances.csv"
MODELS = Path("models")
PREDICTIONS = Path("reports/predictions")
METRICS = Path("reports/metrics.json")
COMPARISON_CSV = Path("reports/comparison.csv")
COMPARISON_MD = Path("reports/comparison.md")
FIGURES = Path("reports/figures")
PAGE = Path("reports/index.html")
JOB_CACHE = Path(".cache/jobs")


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the final name only if the block ends without an exception."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        # A full disk names no file, and rename names the temporary one; a person knows the final one.
        if error.filename in (None, name):
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder: what `path` held before is replaced as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        shutil.rmtree(path, ignore_errors=True)
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all; UTF-8, newlines as they are."""
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_yaml(path: Path, content: dict[str, Any]) -> None:
    """Write `content` to `path` as YAML, in its order."""
    text = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(content, text)
    write_text(path, text.getvalue())


def read_best() -> Hyperparameters:
    """The hyperparameters that the search chose.

    Raises:
        UserError: the file is missing or not what `search` writes.
    """
    return read_hyperparameters(BEST, "search")


def read_hyperparameters(path: Path, stage: str) -> Hyperparameters:
    """What stands under `hyperparameters` in a file that `stage` writes.

    Raises:
        UserError: the file is missing or not what the stage writes.
    """
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return Hyperparameters.model_validate(content["hyperparameters"])
    except FileNotFoundError as error:
        raise UserError(f"{path}: is missing; `dvc repro {stage}` makes it") from error
    except (YAMLError, UnicodeDecodeError, TypeError, KeyError, ValidationError) as error:
        raise UserError(f"{path}: is not what {stage} writes; `dvc repro -f {stage}` makes it anew") from error
