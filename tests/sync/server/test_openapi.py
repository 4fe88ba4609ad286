"""The description of the interface names exactly the routes there are."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.routing import Route

from sync.server.account_routes import AccountApi
from sync.server.app import Deps, create_app
from sync.server.blob_routes import BlobApi
from sync.server.openapi import document


def _routes() -> set[tuple[str, str]]:
    nobody: Any = None
    more = [*AccountApi(nobody, lambda slug, user: False).routes(), *BlobApi(nobody, nobody).routes()]
    app = create_app(Deps(nobody, nobody), more)
    found = set()
    for route in app.routes:
        assert isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}:
            found.add((method.lower(), re.sub(r":int}", "}", route.path)))
    return found


def test_every_route_is_described_and_nothing_else() -> None:
    said = {(method, path) for path, calls in document()["paths"].items() for method in calls}
    assert said == _routes()


def test_every_reference_leads_somewhere_and_the_document_is_json() -> None:
    whole = document()
    text = json.dumps(whole)
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in whole["components"]["schemas"]


def test_only_logging_in_and_health_are_open_to_strangers() -> None:
    free = {
        path for path, calls in document()["paths"].items() for call in calls.values() if call.get("security") == []
    }
    assert free == {"/v1/login", "/v1/refresh", "/healthz", "/readyz", "/metrics"}


def test_path_parameters_are_described() -> None:
    for path, calls in document()["paths"].items():
        wanted = set(re.findall(r"{(\w+)}", path))
        for call in calls.values():
            given = {p["name"] for p in call.get("parameters", []) if p["in"] == "path"}
            assert given == wanted, path
