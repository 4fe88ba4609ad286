"""Who gets in: every route of the real application without a token, with one that ended, with a forged one and with another
organisation's. The routes are read from the application, so that a new one cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import niquests
import pytest
from starlette.routing import Route

from presales_desktop.server.serving import application
from sync import wire
from sync.server import tokens
from sync.server.openapi import document
from tests.server.premises import Premises, Token, cheap_secrets

OPEN = {"/v1/login", "/v1/refresh", "/healthz", "/readyz", "/metrics"}
FILE = b"the plan of the hall of dengang"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    """A server of two organisations."""
    with pytest.MonkeyPatch.context() as patch, cheap_secrets(patch):
        made = Premises(tmp_path_factory.mktemp("server"))
        made.add("other")
        made.start()
        yield made
        made.close()


@pytest.fixture(scope="module")
def anna(site: Premises) -> Token:
    """Somebody of dengang, with a file on the server."""
    made = site.login("王敏")
    made.send_file(FILE)
    return made


@pytest.fixture(scope="module")
def stranger(site: Premises) -> Token:
    """Somebody of the other organisation: of the same name there, with the same password."""
    return site.login("王敏", "other")


def _routes(site: Premises) -> list[tuple[str, str]]:
    found = []
    for route in application(site.house).routes:
        assert isinstance(route, Route), "a mount hides its routes from this test"
        found += [(m, route.path) for m in sorted((route.methods or set()) - {"HEAD"}) if route.path not in OPEN]
    return found


def _filled(path: str, sha: str = "ab" * 32) -> str:
    return re.sub(r"\{sha\}", sha, re.sub(r"\{(no|number):int\}", "1", path))


def _bodies(method: str, path: str) -> dict[str, Any]:
    """What an honest client would send, so that it is the token alone that is refused."""
    if path == "/v1/push":
        return {"data": wire.encode(wire.PushRequest(wire.PROTOCOL, bytes(16), b"", []))}
    return {"json": {"size": 1, "old": "x", "new": "y", "sealed": "AAAA"}} if method == "POST" else {}


def test_the_routes_are_those_of_the_description_and_more_than_a_dozen(site: Premises) -> None:
    described = {
        (method.upper(), path) for path, calls in document()["paths"].items() for method in calls if path not in OPEN
    }
    assert {(m, re.sub(r":int}", "}", p)) for m, p in _routes(site)} == described
    assert len(described) > 12


def _refused(site: Premises, header: str | None, code: str) -> None:
    """Every route answers 401 with CODE and tells nothing else."""
    wrong = []
    for method, path in _routes(site):
        headers = {} if header is None else {"Authorization": header}
        said = niquests.request(method, site.url + _filled(path), headers=headers, timeout=30, **_bodies(method, path))
        body = said.json() if said.status_code == 401 else {}
        if said.status_code != 401 or body != {"code": code, "message": code} | (
            {"params": {}} if "params" in body else {}
        ):
            wrong.append((method, path, said.status_code, (said.text or "")[:200]))
    assert wrong == []


def test_nobody_without_a_token(site: Premises) -> None:
    _refused(site, None, "token.missing")
    _refused(site, "Basic d2FuZ21pbjpwYXNz", "token.missing")
    _refused(site, "Bearer", "token.missing")


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "dengang",
        "dengang.",
        "dengang.1",
        "dengang.1.x.y",
        "nowhere.1.x.y",
        "..",
        "dengang." + "9" * 400,
        "灯港.1",
    ],
)
def test_nobody_with_nonsense(site: Premises, token: str) -> None:
    header = f"Bearer {token}".encode()
    _refused(site, header.decode("latin-1"), "token.invalid")


def test_nobody_whose_token_has_ended(site: Premises, anna: Token) -> None:
    with site.house.organisation("dengang").engine.begin() as connection:
        key = tokens.signing_key(connection)
    then = site.clock() - tokens.ACCESS_S - 1
    ended = tokens.issue_access(key, "dengang", anna.no, lambda: then)
    _refused(site, f"Bearer {ended}", "token.expired")


def test_nobody_with_a_token_of_another_organisation_that_claims_to_be_of_this(
    site: Premises, anna: Token, stranger: Token
) -> None:
    assert stranger.access.startswith("other.")
    _refused(site, f"Bearer dengang.{stranger.access.partition('.')[2]}", "token.invalid")
    with site.house.organisation("other").engine.begin() as connection:
        key = tokens.signing_key(connection)
    _refused(site, f"Bearer {tokens.issue_access(key, 'dengang', anna.no, site.clock)}", "token.invalid")


def test_nobody_with_a_refresh_token_as_access_and_none_whose_device_was_never_there(
    site: Premises, anna: Token
) -> None:
    _refused(site, f"Bearer {anna.refresh}", "token.invalid")
    with site.house.organisation("dengang").engine.begin() as connection:
        key = tokens.signing_key(connection)
    _refused(site, f"Bearer {tokens.issue_access(key, 'dengang', 4711, site.clock)}", "token.invalid")


def test_a_device_that_was_revoked_and_a_person_who_was_disabled_are_out_everywhere(site: Premises) -> None:
    gone = site.login("李强")
    site.house.accounts("dengang").revoke(gone.no)
    fired = site.login("李强")
    wrong = []
    for method, path in _routes(site):
        said = gone.call(method, _filled(path), **_bodies(method, path))
        if (said.status_code, said.json()["code"]) != (403, "device.revoked"):
            wrong.append((method, path, said.status_code))
    site.house.set_disabled("dengang", "李强", True)
    for method, path in _routes(site):
        said = fired.call(method, _filled(path), **_bodies(method, path))
        if (said.status_code, said.json()["code"]) != (403, "account.disabled"):
            wrong.append((method, path, said.status_code))
    site.house.set_disabled("dengang", "李强", False)
    assert wrong == []


def test_a_good_token_of_another_organisation_reaches_nothing_of_this(
    site: Premises, anna: Token, stranger: Token
) -> None:
    """What lies behind each route with a name in it, asked for with a real token of elsewhere; and the three without one."""
    from tests.sync.client.blob_kit import name

    sha = name(FILE).hex()
    assert stranger.no == anna.no, "numbers of devices are the organisation's own: the same one means two devices"
    named = sorted((r for r in _routes(site) if "{" in r[1]), key=lambda r: "revoke" in r[1])
    asked = {(m, p): stranger.call(m, _filled(p, sha), **_bodies(m, p)) for m, p in named}
    assert asked["POST", "/v1/blobs/{sha}"].json().get("state") != "verified", "that the file exists is not told"
    for (method, path), said in asked.items():
        if (method, path) not in (("POST", "/v1/blobs/{sha}"), ("POST", "/v1/devices/{no:int}/revoke")):
            assert (said.status_code or 0) in (404, 409, 422), (method, path, said.status_code, said.text)
        assert FILE not in (said.content or b"")
    # The number 1 that it revoked was its own; ours goes on.
    assert anna.call("GET", "/v1/me").status_code == 200
    again = site.login("王敏", "other")
    push = wire.encode(wire.PushRequest(wire.PROTOCOL, anna.device.bytes, b"", []))
    assert again.call("POST", "/v1/push", data=push).json()["code"] == "sync.device"
    pulled = wire.decode(again.call("GET", "/v1/pull").content or b"", wire.PullAnswer)
    ours = {str(i) for key, i in site.ids.items() if key.endswith("@dengang")}
    seen = {str(row.id.hex()) for row in pulled.rows} | {row.kind for row in pulled.rows}
    assert not seen & {i.replace("-", "") for i in ours}
    assert again.call("GET", "/v1/devices").json()["devices"][0]["user_id"] == str(site.ids["王敏@other"])
