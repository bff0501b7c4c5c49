"""How a command runs one stage: the arithmetic is set first, and an error is one clear line."""

import importlib
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import NoReturn

from lenet5 import numerics
from lenet5.errors import UserError
from lenet5.params import Params, load_params
from lenet5.settings import load_settings


def run_stage(
    package: str,
    stages: Sequence[str],
    arguments: Sequence[str],
    more_params: Callable[[], object] | None = None,
    go_on: Mapping[str, str] | None = None,
) -> int:
    """Run the stage of `package` that `arguments` name; the exit code is 0, 1 (said on stderr), 130 (Ctrl-C) or 143
    (SIGTERM).

    A stage's `main` gets the params, those of `more_params` if there are any, and the settings. `go_on` says how to go
    on with a stopped stage.
    """
    # DVC takes exit 0 for success, and Lightning 2.6.6 ends with 0 on SIGTERM (Lightning-AI/pytorch-lightning#19916).
    signal.signal(signal.SIGTERM, stop)
    if len(arguments) != 1 or arguments[0] not in stages:
        print(f"usage: python -m {package} {{{'|'.join(stages)}}}", file=sys.stderr)
        return 2
    name = arguments[0]
    try:
        params = load_params()
        blocks: list[object] = [params, *([more_params()] if more_params else [])]
        start(params, f"{package}.{name}", *blocks)
    except UserError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{name}: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        how = (go_on or {}).get(name, "run it again to go on")
        print(f"{name}: stopped; what had finished is kept, {how}", file=sys.stderr)
        return 130
    return 0


def start(params: Params, module: str, *blocks: object) -> None:
    """Set the arithmetic, then import the stage: torch and numpy must find it set."""
    settings = load_settings()
    numerics.set_up(params.numerics)
    importlib.import_module(module).main(*blocks, settings)


def stop(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave through the ordinary exception path, so that temporary files are removed and workers end."""
    raise SystemExit(128 + number)
