"""A server and a laptop as processes of their own that can be killed at any write: what the parent starts, and what it counts.

The processes are forked from one that has imported everything (multiprocessing's forkserver), so a kill costs no start of Python.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import granian.server.embed  # noqa: F401  # the program imports it late
from argon2 import PasswordHasher
from pypinyin import lazy_pinyin
from sqlalchemy import Engine, event
from sqlalchemy.orm import configure_mappers

from presales_desktop.models.errors import ConflictError
from presales_desktop.server import house as house_module
from presales_desktop.server import serving
from presales_desktop.server.house import House
from presales_desktop.services import customers
from presales_desktop.services.customers import ContactDraft
from presales_desktop.store import workspace as workspaces
from sync.server import accounts
from tests.server.premises import PASSPHRASE, Laptop, arguments

configure_mappers()
lazy_pinyin("灯")  # reads its dictionaries, a second's work
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])


def armed(engine: Engine, countdown: Any) -> None:
    """From when COUNTDOWN (shared with the parent) is set to n, this process dies at the n-th statement or COMMIT of ENGINE."""

    def step(*_: Any) -> None:
        if countdown.value > 0:
            countdown.value -= 1
            if countdown.value == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", step)
    event.listen(engine, "after_cursor_execute", step)
    event.listen(engine, "commit", step)


def server(folder: str, url: str | None, port: int, countdown: Any, ready: Any) -> None:
    """`presales-server serve`."""
    os.environ["PRESALES_NO_KEYRING"] = "1"
    accounts.PasswordHasher = lambda: PasswordHasher(1, 8, 1)  # type: ignore[misc,assignment,attr-defined]
    log = os.open(str(Path(folder) / "server.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    given = arguments(Path(folder), url, port=port)
    make = house_module.House.core

    def core(self: House, slug: str) -> Any:
        made = make(self, slug)
        for engine in {made.engine, made.reader}:
            if engine not in watched:
                watched.append(engine)
                armed(engine, countdown)
        return made

    watched: list[Engine] = []
    house_module.House.core = core  # type: ignore[method-assign]
    with House.open(given) as house:
        serving.run(house, given, lambda stop: ready.set())


def laptop(folder: str, ledger: str, seed: int, countdown: Any, stop: Any, drained: Any) -> None:
    """A person who saves without a pause on a laptop that syncs beside it. What was saved, or is about to be, is written to LEDGER."""
    os.environ["PRESALES_NO_KEYRING"] = "1"
    made = Laptop(workspaces.open_workspace(Path(folder), passphrase=PASSPHRASE))
    armed(made.workspace.engine, countdown)
    rng = random.Random(seed)
    book = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(what: str, *words: Any) -> None:
        os.write(book, (" ".join([what, *map(str, words)]) + "\n").encode())

    made.link.start()
    known: list[str] = made.query("SELECT id FROM customer ORDER BY id")
    n = 0
    while not stop.is_set():
        n += 1
        mark = f"{seed}x{n}"
        what = "customer" if not known or rng.random() < 0.3 else rng.choice(("contact", "short"))
        chosen = "-" if what == "customer" else rng.choice(known)
        note("begin", mark, what, chosen)
        try:
            _act(made, known, mark, what, chosen)
        except (
            ConflictError
        ):  # the server's answer came between opening and saving: the person is told, and nothing was saved
            note("refused", mark, what, chosen)
            continue
        note("done", mark, what, chosen)  # the person has seen that it is saved
    made.link.stop()
    again = Laptop(made.workspace)
    while True:
        again.sync()
        if not again.waiting():
            break
    again.close()
    drained.set()


def _act(made: Laptop, known: list[str], mark: str, what: str, chosen: str) -> None:
    """A new customer named MARK, or one more contact named MARK, or MARK as the short name."""
    if what == "customer":
        known.append(made.customer(f"客户 {mark}").hex)
        return
    draft = made.run(customers.load, UUID(hex=chosen))
    if what == "contact":
        draft.contacts.append(ContactDraft(name=f"联系人 {mark}"))
    else:
        draft.short_name = mark
    made.run(customers.save, draft)


class Process:
    """One of the two, started again and again."""

    def __init__(self, target: Callable[..., None]) -> None:
        self.target = target
        self.countdown: Any = CONTEXT.Value("i", 0, lock=False)
        self.process: Any = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.is_alive()

    def start(self, *args: Any) -> None:
        """Unarmed."""
        self.countdown.value = 0
        self.process = CONTEXT.Process(target=self.target, args=args, daemon=True)
        self.process.start()

    def arm(self, statements: int) -> None:
        """It dies at that many statements from now."""
        self.countdown.value = statements

    def kill(self) -> None:
        """Now."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def died(self, patience_s: float) -> bool:
        """Whether it is dead after at most so long; by SIGKILL and nothing else."""
        self.process.join(patience_s)
        if self.process.is_alive():
            return False
        assert self.process.exitcode == -signal.SIGKILL, f"it ended by itself with {self.process.exitcode}"
        return True


class Relay:
    """A small proxy: a port that leads to the first of PORTS that answers; with SPREAD each connection begins at the next one."""

    def __init__(self, ports: list[int], *, spread: bool = False) -> None:
        self.ports = ports
        self.spread = spread
        self.turn = 0
        self.used: dict[int, int] = dict.fromkeys(ports, 0)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """No more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = self._server()
            if far is None:
                near.close()
                continue
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_forward, args=(source, sink), daemon=True).start()

    def _server(self) -> socket.socket | None:
        order = self.ports[self.turn :] + self.ports[: self.turn]
        if self.spread:
            self.turn = (self.turn + 1) % len(self.ports)
        for port in order:
            try:
                far = socket.create_connection(("127.0.0.1", port))
            except OSError:
                continue
            self.used[port] += 1
            return far
        return None


def _forward(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(64 * 1024):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
