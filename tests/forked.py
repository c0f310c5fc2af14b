"""Command lines, each in a process of its own that is a fork of one which has begun: beginning takes seconds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

_ANSWERING = """
import gc, json, os, sys
from plmkit.cli import console
gc.freeze()  # else each fork looks through all that was loaded before it ends
while request := sys.stdin.readline():
    said, told, environment, first, arguments = json.loads(request)
    child = os.fork()
    if not child:
        for path, number in ((said, 1), (told, 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["plm", *arguments]
        exec(first, {})
        console()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Program:
    """An interpreter that has loaded the command line and what it was told to; each call is a fork of it."""

    def __init__(self, asked: IO[str], answers: IO[str]) -> None:
        self._asked, self._answers = asked, answers

    def __call__(self, *arguments: object, first: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command line, before it some code; return its exit code and what it wrote to stdout and stderr."""
        words = [str(argument) for argument in arguments]
        with TemporaryDirectory() as folder:
            said, told = Path(folder) / "stdout", Path(folder) / "stderr"
            self._asked.write(json.dumps([str(said), str(told), dict(os.environ), first, words]) + "\n")
            self._asked.flush()
            code = int(self._answers.readline())
            return subprocess.CompletedProcess(words, code, said.read_text(), told.read_text())


@contextmanager
def beginning_with(code: str) -> Iterator[Program]:
    """Start an interpreter that runs this code before it loads the command line."""
    command = [sys.executable, "-c", code + _ANSWERING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield Program(process.stdin, process.stdout)
