"""python -m benchmarks.sync_server URL FOLDER PORT KEY: the real application on granian, with the bench's tables, on a database that is
running. Tokens are the product's own (signed, 15 minutes), asked as the product asks them; who a device is follows from its number."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request

from benchmarks.sync_domain import TABLES, Free, caller
from sync.server import tokens
from sync.server.app import create_app, serve
from sync.server.core import Core
from sync.server.database import Database, Part
from sync.server.web import Admitted, AuthError, Deps

ORGANISATION = "bench"


def main() -> None:
    """Serve until told to stop."""
    url, folder, port, secret = sys.argv[1:]
    key = bytes.fromhex(secret)
    database = Database.open(url, Path(folder), (Part("bench", TABLES),))
    known = [slug for slug, _ in database.organisations()]
    organisation = database.organisation(ORGANISATION) if known else database.add(ORGANISATION, "Bench")
    core = Core(organisation.engine, Free(), name=ORGANISATION)

    def authenticate(request: Request) -> Admitted:
        try:
            named = tokens.check_access(
                key, request.headers.get("authorization", "").removeprefix("Bearer "), time.time
            )
        except tokens.TokenError as error:
            raise AuthError(error.code) from None
        return Admitted(named.organisation, caller(named.device_no))

    def ready(_stop: Callable[[], None]) -> None:
        print("ready", flush=True)

    app = create_app(Deps(authenticate, lambda _slug: core), cores=lambda: [core], shutdown=core.close)
    serve(app, port=int(port), ready=ready)
    database.close()


if __name__ == "__main__":
    main()
