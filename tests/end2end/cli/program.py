"""`presales` as a person or a script runs it: in this process for speed, or as a program of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presales_desktop.cli.main import main

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CODES = {0, 1, 2, 3}


@dataclass
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def everything(self) -> str:
        """Both streams."""
        return self.out + self.err


@dataclass
class Presales:
    """The program on one profile."""

    profile: Path

    def run(self, *arguments: object, stdin: str = "") -> Answer:
        """Run in this process. Whatever happens, no trace of Python is shown and the code is one of the four."""
        out, err = io.StringIO(), io.StringIO()
        before, sys.stdin = sys.stdin, io.StringIO(stdin)
        words = ["--profile", str(self.profile), *(str(a) for a in arguments)]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(words)
        finally:
            sys.stdin = before
        answer = Answer(code, out.getvalue(), err.getvalue())
        assert "Traceback" not in answer.everything
        assert "internal.bug" not in answer.everything, (words, answer.everything, last_trace())
        assert "程序内部出错" not in answer.everything, (words, last_trace())
        assert code in CODES, words
        return answer

    def __call__(self, *arguments: object, code: int = 0, stdin: str = "") -> Any:
        """The result in JSON, or the error when CODE is not 0."""
        answer = self.run("--json", *arguments, stdin=stdin)
        lines = answer.out.splitlines()
        assert len(lines) == 1, (arguments, answer)
        said = json.loads(lines[0])
        assert answer.code == code, (arguments, said)
        assert said["ok"] is (code == 0), (arguments, said)
        if code == 0:
            return said["result"]
        error = said["error"]
        assert {"code", "message", "field", "file", "line"} <= set(error)
        assert error["message"], said
        assert not error["message"].startswith(("无法完成（", "This cannot be done (")), (
            f"no sentence for {error['code']}"
        )
        assert "“…”" not in error["message"], "a value of the sentence is missing"
        return error

    def text(self, *arguments: object, code: int = 0, stdin: str = "") -> str:
        """What a person reads."""
        answer = self.run(*arguments, stdin=stdin)
        assert answer.code == code, (arguments, answer)
        return answer.everything

    def refused(self, *arguments: object, code: int = 1) -> str:
        """The error's code."""
        found = self(*arguments, code=code)["code"]
        assert isinstance(found, str)
        return found

    def spawn(self, *arguments: object, stdin: str = "", **environment: str) -> Answer:
        """A process of its own, as installed."""
        done = subprocess.run(
            [sys.executable, "-m", "presales_desktop", "--profile", str(self.profile), *(str(a) for a in arguments)],
            input=stdin, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)


def last_trace() -> str:
    """The end of the log, where a bug's trace goes."""
    from presales_desktop import paths

    log = paths.log_dir() / "presales.log"
    return log.read_text("utf-8")[-3000:] if log.is_file() else ""
