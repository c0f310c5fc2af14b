"""The `plm` command: choose a subcommand, build its config, run it.

Exit codes: 0 done; 1 a fault of ours (with traceback); 2 an input or an option is wrong; 3 not enough memory.
"""

from __future__ import annotations

import errno
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

from cyclopts import App, CycloptsError, MissingArgumentError, Parameter, RepeatArgumentError

from plmkit import __version__, config
from plmkit.errors import OutOfMemoryError, PlmError, UserError, means_too_little_memory

COMMANDS: dict[str, type] = {
    "embed": config.EmbedConfig,
    "finetune": config.FinetuneConfig,
    "pretrain": config.PretrainConfig,
    "predict": config.PredictConfig,
    "sites": config.SitesConfig,
    "ptm": config.PtmConfig,
    "explain": config.ExplainConfig,
    "evaluate": config.EvaluateConfig,
    "search": config.SearchConfig,
    "split": config.SplitConfig,
    "project": config.ProjectConfig,
    "chunk": config.ChunkConfig,
    "join": config.JoinConfig,
    "summarise": config.SummariseConfig,
    "install": config.InstallConfig,
}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_MEMORY = "not enough memory; give the job more, or take a smaller model or fewer proteins"
_INTERRUPTED = 130
_TERMINATED = 143
_STOPPED = "plm: stopped; no output was written\n"


def main(arguments: Sequence[str]) -> int:
    """Run one command line (without the program's name); return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr, force=True)
    for chatty in ("matplotlib", "h5py", "accelerate", "httpx", "httpx2"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        _app()(list(arguments), exit_on_error=False, print_error=False)
    except PlmError as error:
        return _fail(error, error.exit_code)
    except CycloptsError as error:
        return _fail(_explained(error, arguments), UserError.exit_code)
    except (MemoryError, RuntimeError, OSError, ImportError) as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return _fail(UserError(f"outputs: {error.strerror}; make room or write elsewhere"), UserError.exit_code)
        # where no batch could be halved: while libraries, a model or a table were read
        if not means_too_little_memory(error):
            raise
        return _fail(OutOfMemoryError(_NO_MEMORY), OutOfMemoryError.exit_code)
    except SystemExit as stop:  # cyclopts ends --help and --version in this way
        return int(stop.code or 0)
    return 0


def console() -> NoReturn:
    """Run the command line of this process; interrupted, leave no half-written file behind."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write(_STOPPED)
        sys.exit(_INTERRUPTED)


def _app() -> App:
    app = App(
        name="plm",
        help="Protein language models: embed proteins, fine-tune, train, predict, find modification sites.",
        version=__version__,
        version_flags=["--version"],
        help_format="plaintext",
        result_action="return_none",
        default_parameter=Parameter(negative_iterable=()),  # no --empty-bundle beside --bundle
    )
    for name, config_type in COMMANDS.items():
        app.command(_runner(name, config_type), name=name)
    return app


def _runner(name: str, config_type: type) -> Callable[[Any], None]:
    """Return the function of a command; its module is loaded only when it is called."""

    def run(options: Any) -> None:
        import_module(f"plmkit.commands.{name}").run(options)

    run.__annotations__["options"] = config_type
    run.__doc__ = config_type.__doc__
    return run


def _explained(error: CycloptsError, arguments: Sequence[str]) -> UserError:
    """Say what is wrong with the options: a mistyped one before one that is missing for that reason."""
    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    remedy = f"plm {command} --help lists the options".replace("  ", " ")
    if command and isinstance(error, MissingArgumentError):
        known = {"--" + field.name.replace("_", "-") for field in fields(COMMANDS[command])}
        given = {word.partition("=")[0] for word in arguments if word.startswith("--")}
        if unknown := sorted(given - known):
            return UserError(f"there is no option {unknown[0]} ({remedy})")
        if missing := [name for name in _required(COMMANDS[command]) if name not in given]:
            return UserError(f"missing option: {', '.join(missing)} ({remedy})")
    if arguments and not command and not arguments[0].startswith("-"):
        return UserError(f"there is no command {arguments[0]!r}; the commands are {', '.join(COMMANDS)}")
    if isinstance(error, RepeatArgumentError) and error.token.keyword:
        return UserError(f"{error.token.keyword} is given more than once; give it once ({remedy})")
    return UserError(f"{str(error).rstrip('.')} ({remedy})")


def _required(config_type: type) -> list[str]:
    return ["--" + field.name.replace("_", "-") for field in fields(config_type) if field.default is MISSING]


def _fail(error: Exception, code: int) -> int:
    sys.stderr.write("plm: error: " + " ".join(str(error).split()) + "\n")
    return code


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the clearing up
    sys.stderr.write(_STOPPED)
    sys.exit(_TERMINATED)
