"""Opening the workspace for one command: profile, passphrase, and whom the commands act as."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from presales_desktop.services import link, users
from presales_desktop.services.work import Runner
from presales_desktop.store import workspace as store

T = TypeVar("T")


@dataclass
class Options:
    """What stands before the command."""

    profile: Path
    lang: str
    as_json: bool
    passphrase_stdin: bool

    def passphrase(self) -> str | None:
        """From standard input, else PRESALES_PASSPHRASE, else None."""
        if self.passphrase_stdin:
            return sys.stdin.readline().rstrip("\r\n")
        return os.environ.get("PRESALES_PASSPHRASE") or None


@dataclass
class Session:
    """An open workspace and the acting user."""

    workspace: store.Workspace
    runner: Runner

    def run(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """FUNCTION(work, …) in a transaction of its own."""
        return self.runner.run(function, *args, **kwargs)[0]


@contextmanager
def open_session(options: Options) -> Iterator[Session]:
    """Open the profile's workspace as its acting user."""
    with store.open_workspace(options.profile, passphrase=options.passphrase()) as workspace:
        actor = Runner(workspace.engine, users.FOUNDER).run(users.acting)[0]
        yield Session(workspace, link.runner_of(workspace, actor))
