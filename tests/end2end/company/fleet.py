"""A company: a real server as a program of its own, and a laptop for each person, by command line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.end2end.cli.program import Answer, Presales

PASSWORD = "a long enough password"
PEOPLE = (
    ("fengrui", "冯锐", "management", "management", ""),
    ("zhaolei", "赵磊", "sales_head", "sales", "冯锐"),
    ("wangmin", "王敏", "sales", "sales", "赵磊"),
    ("liqiang", "李强", "sales", "sales", "赵磊"),
    ("chenjing", "陈静", "design", "design", ""),
    ("sunhao", "孙浩", "technical", "technical", ""),
    ("zhoufang", "周芳", "finance", "finance", ""),
    ("zhengkai", "郑凯", "legal", "legal", ""),
)


class Server:
    """`presales-server` on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def console(self, *arguments: str, stdin: str = "") -> None:
        """One command of the administrator."""
        self._run([*arguments, "--data", str(self.folder)], stdin)

    def _run(self, arguments: list[str], stdin: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", "from presales_desktop.server import main; raise SystemExit(main())", *arguments],
            input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Listen."""
        log = (self.folder / "log.txt").open("ab")
        code = "from presales_desktop.server import main; raise SystemExit(main())"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--data", str(self.folder), "--port", str(self.port)],
            stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        log.close()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "log.txt").read_text()
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)  # a program of its own starts; there is no event to wait for
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """As a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def company(folder: Path) -> Iterator[Server]:
    """A server with PEOPLE."""
    (folder / "server").mkdir()
    server = Server(folder / "server")
    server.console(
        "org", "add", "中山市灯港照明科技有限公司", "--slug", "dengang", "--recovery-key", str(folder / "key")
    )
    for login, name, role, department, superior in PEOPLE:
        more = ["--superior", superior] if superior else []
        arguments = ("user", "add", name, "--login", login, "--role", role, "--department", department, *more)
        server.console(*arguments, stdin=PASSWORD + "\n")
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Laptops:
    """`presales` of whoever acts now; `as LOGIN` changes the laptop. Before and after each command it syncs, unless offline."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.login = ""
        self.offline: set[str] = set()
        self.programs: dict[str, Presales] = {}
        self.steps = 0  # commands so far that may have changed something
        self.seen: dict[str, int] = {}  # as of which of them a laptop has synced

    @property
    def program(self) -> Presales:
        """The acting person's."""
        return self.programs[self.login]

    def open(self, login: str) -> Presales:
        """The laptop of LOGIN, connected when it is opened first."""
        if login not in self.programs:
            made = Presales(self.folder / login)
            made("login", self.server.url, login, stdin=PASSWORD + "\n")
            self.programs[login] = made
        self.login = login
        return self.programs[login]

    def sync(self, login: str | None = None) -> dict[str, Any]:
        """One exchange of a laptop."""
        who = login or self.login
        found: dict[str, Any] = self.programs[who]("sync")
        self.seen[who] = self.steps
        return found

    def __call__(self, *arguments: object, code: int = 0, stdin: str = "") -> Any:
        if arguments[0] == "as":
            self.open(str(arguments[1]))
            return None
        online = self.login not in self.offline
        if online and self.seen.get(self.login) != self.steps:
            self.sync()
        said = self.program(*arguments, code=code, stdin=stdin)
        if not online or code or arguments[0] in ("show", "list", "search", "report", "doctor", "describe"):
            return said
        self.steps += 1
        self.sync()
        if arguments[0] in ("new", "set", "do") and isinstance(said, dict) and "id" in said:
            # What the server made of it: final numbers, states that follow.
            answer = said.get("answer")
            said = self.program("show", arguments[1], said["id"])
            if answer is not None:
                said["answer"] = answer
        return said

    def run(self, *arguments: object, stdin: str = "") -> Answer:
        """See Presales.run."""
        return self.program.run(*arguments, stdin=stdin)

    def text(self, *arguments: object, code: int = 0, stdin: str = "") -> str:
        """See Presales.text."""
        return self.program.text(*arguments, code=code, stdin=stdin)
