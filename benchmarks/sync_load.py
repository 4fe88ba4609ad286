"""python -m benchmarks.sync_load JOB PORT KEY …: many clients in one process, on bare sockets, so that the machine's cores are left to the
server. They speak the protocol as laptops do and count every byte; what a laptop does to its own database is not part of it.

Jobs: `commits CLIENTS SECONDS RATE` (RATE 0: each as fast as it is answered), `laptops CLIENTS CHANGES`, `live CLIENTS` (until its input
ends: a live channel and a pull for each piece of news). The answer is JSON on standard output.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
import time
from typing import Any

from benchmarks.sync_domain import caller
from benchmarks.sync_records import generate
from benchmarks.sync_server import ORGANISATION
from sync import wire
from sync.ids import uuid7
from sync.server import tokens
from sync.wire import PROTOCOL, Change, Commit, PullAnswer, PushAnswer, PushRequest

_FIRST = 1_000  # numbers of these devices begin here; those below are real clients


class Line(asyncio.Protocol):
    """One kept connection: a request, its answer."""

    def __init__(self) -> None:
        self.sent = self.received = 0
        self._data = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = bytes(self._data[:end]).lower()
        at = head.find(b"content-length:")
        size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._data) < end + 4 + size:
            return
        body = bytes(self._data[end + 4 : end + 4 + size])
        del self._data[: end + 4 + size]
        answer, self._answer = self._answer, None
        if head[9:12] in (b"200", b"204"):
            answer.set_result(body)
        else:
            answer.set_exception(RuntimeError(head[:40].decode() + body[:200].decode("utf-8", "replace")))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError())

    async def ask(self, head: bytes, body: bytes = b"") -> bytes:
        """The body of the answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head + body)
        self.sent += len(head) + len(body)
        return await self._answer


class Laptop:
    """One device and its connection."""

    def __init__(self, number: int, port: int, key: bytes) -> None:
        self.who = caller(_FIRST + number)
        token = tokens.issue_access(key, ORGANISATION, _FIRST + number, time.time)
        self.common = f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n".encode()
        self.port = port
        self.line: Line
        self.epoch = b""
        self.cursor = 0
        self.place = b""

    async def connect(self) -> None:
        """Open the connection."""
        _, self.line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", self.port)

    def packed(self, commits: list[Commit]) -> bytes:
        """A whole push request."""
        body = wire.encode(PushRequest(PROTOCOL, self.who.device.bytes, b"", commits))
        return b"POST /v1/push " + self.common + b"Content-Length: %d\r\n\r\n" % len(body) + body

    async def push(self, request: bytes) -> PushAnswer:
        """Send what `packed` made; every commit was taken."""
        answer = wire.decode(await self.line.ask(request), PushAnswer)
        assert all(result.status == "applied" for result in answer.results)
        return answer

    async def pull(self) -> int:
        """Everything new; how many rows."""
        rows = 0
        while True:
            place = b"&place=" + self.place.hex().encode() if self.place else b""
            query = b"GET /v1/pull?epoch=%s&cursor=%d" % (self.epoch.hex().encode(), self.cursor)
            data = await self.line.ask(query + place + b" " + self.common + b"\r\n")
            if not data:
                return rows
            answer = wire.decode(data, PullAnswer)
            self.epoch, self.cursor, self.place = answer.epoch, answer.cursor, answer.place
            rows += len(answer.rows)
            if not answer.more:
                return rows


def commit(changes: list[Change]) -> Commit:
    """A commit made now."""
    return Commit(uuid7().bytes, int(time.time() * 1000) * 65536, 1, 1, changes)


def creates(count: int, each: int, seed: int) -> list[Commit]:
    """COUNT new records in commits of EACH."""
    made = [
        Change(kind, key, "create", fields, had=False) for kind, key, fields in generate(count, random.Random(seed))
    ]
    return [commit(made[n : n + each]) for n in range(0, count, each)]


async def _laptops(count: int, port: int, key: bytes) -> list[Laptop]:
    made = [Laptop(n, port, key) for n in range(count)]
    for one in made:
        await one.connect()
    return made


async def commits(port: int, key: bytes, clients: int, seconds: float, rate: float) -> dict[str, Any]:
    """CLIENTS push commits of three new rows. With a RATE each has its moments, and lateness counts; without one each waits for its answer only."""
    people = await _laptops(clients, port, key)
    total = int((rate or 1500) * seconds)
    made = creates(total * 3, 3, int(time.time()))
    requests = [people[n % clients].packed([one]) for n, one in enumerate(made)]
    times: list[float] = []
    gc.freeze()
    await asyncio.gather(*(one.pull() for one in people[:1]))
    begun = time.perf_counter() + 0.1

    async def work(n: int) -> None:
        for at in range(n, total, clients):
            due = begun + at / rate if rate else time.perf_counter()
            if due > (now := time.perf_counter()):
                await asyncio.sleep(due - now)
            await people[n].push(requests[at])
            times.append(time.perf_counter() - due)

    await asyncio.gather(*(work(n) for n in range(clients)))
    took = time.perf_counter() - begun
    times.sort()
    return {"n": total, "per_s": total / took, "p50": times[total // 2], "p99": times[int(total * 0.99)]}


async def laptops(port: int, key: bytes, clients: int, changes: int) -> dict[str, Any]:
    """CLIENTS wake up at once, each with CHANGES new rows in commits of ten, and send them."""
    people = await _laptops(clients, port, key)
    made = creates(clients * changes, 10, 11)
    each = changes // 10
    requests = [one.packed(made[n * each : (n + 1) * each]) for n, one in enumerate(people)]
    gc.freeze()
    begun = time.perf_counter()
    answers = await asyncio.gather(*(one.push(request) for one, request in zip(people, requests, strict=True)))
    took = time.perf_counter() - begun
    numbers = {result.seq for answer in answers for result in answer.results}
    assert len(numbers) == len(made), "every commit has a number of its own"
    return {"n": clients * changes, "took": took, "sent": sum(one.line.sent for one in people)}


async def live(port: int, key: bytes, clients: int) -> dict[str, Any]:
    """CLIENTS keep a live channel open and pull whenever it says something."""
    people = await _laptops(clients, port, key)
    await people[0].pull()
    for one in people[1:]:  # they were here before
        one.epoch, one.cursor = people[0].epoch, people[0].cursor
    rows = 0

    async def listen(one: Laptop) -> None:
        nonlocal rows
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /v1/live?seq=%d " % one.cursor + one.common + b"Accept: text/event-stream\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"data:"):
                got = await one.pull()
                rows += got

    tasks = [asyncio.create_task(listen(one)) for one in people]
    await asyncio.sleep(1.0)
    print("listening", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        if task.done():
            task.result()  # a channel that ended tells why
            raise RuntimeError("a live channel ended")
        task.cancel()
    return {"rows": rows}


def main() -> None:
    """Run one job."""
    job, port, secret, *numbers = sys.argv[1:]
    work: Any = {"commits": commits, "laptops": laptops, "live": live}[job]
    given = [float(number) if "." in number else int(number) for number in numbers]
    begun = time.process_time()
    found = asyncio.run(work(int(port), bytes.fromhex(secret), *given))
    print(json.dumps({**found, "cpu": time.process_time() - begun}))


if __name__ == "__main__":
    main()
