"""Logging in over HTTP, JSON in and out: login, refresh, logout, password, devices, escrow."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.server.accounts import AccessError, Accounts, DeviceOffer, Known, Session
from sync.server.constraints import unavailable
from sync.server.tokens import TokenError, organisation_of

_LOG = logging.getLogger("sync.server")
MAX_JSON = 64 * 1024
T = TypeVar("T")


class OrganisationFacts(msgspec.Struct, frozen=True):
    """What a device keeps of its organisation; `recovery_key` (base64) seals its database key, empty where there is none."""

    id: str
    slug: str
    name: str
    recovery_key: str = ""


class Directory(Protocol):
    """The organisations of this server."""

    def accounts(self, slug: str) -> Accounts:
        """The accounts of an organisation. Raises KeyError."""

    def facts(self, slug: str) -> OrganisationFacts:
        """Its name and keys. Raises KeyError."""

    def with_login(self, login: str) -> list[str]:
        """Slugs of the organisations where somebody has this login."""


@dataclass(frozen=True)
class Visitor:
    """Who sent a request."""

    organisation: str
    known: Known


class LoginBody(msgspec.Struct, forbid_unknown_fields=True):
    """`user`: a login, or login@organisation where several have it. `public_key`: base64 of the device's Ed25519 key."""

    user: str
    password: str
    public_key: str
    device_name: str = ""
    schema: int = 1


class RefreshBody(msgspec.Struct, forbid_unknown_fields=True):
    """`organisation`: slug. `proof`: base64 of the device's signature over b"refresh" + the token."""

    organisation: str
    refresh: str
    proof: str


class PasswordBody(msgspec.Struct, forbid_unknown_fields=True):
    """The password that is and the one that shall be."""

    old: str
    new: str


class EscrowBody(msgspec.Struct, forbid_unknown_fields=True):
    """`sealed`: base64 of the database key, sealed to the organisation's recovery key."""

    sealed: str


def visitor(directory: Directory, authorization: str) -> Visitor:
    """Who the bearer token in the header AUTHORIZATION is. Raises AccessError."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AccessError("token.missing", 401)
    try:
        slug = organisation_of(token)
        accounts = directory.accounts(slug)
    except (TokenError, KeyError):
        raise AccessError("token.invalid", 401) from None
    return Visitor(slug, accounts.authenticate(token))


def insider(directory: Directory, authorization: str) -> Visitor:
    """As `visitor`, for everything but setting a password: an initial password opens nothing else. Raises AccessError
    account.must_change."""
    who = visitor(directory, authorization)
    if who.known.must_change:
        raise AccessError("account.must_change", 403)
    return who


def answer(error: AccessError) -> JSONResponse:
    """An AccessError as the server says it."""
    headers = {"Retry-After": str(error.params["wait_s"])} if "wait_s" in error.params else None
    return JSONResponse(
        {"code": error.code, "message": error.code, "params": error.params}, status_code=error.status, headers=headers
    )


def failed(error: DBAPIError) -> JSONResponse:
    """The database's no: nothing was kept, the client tries again."""
    _LOG.error("the database refused", exc_info=error)
    said = unavailable(error)
    return JSONResponse(
        {"code": said.code, "message": said.code}, status_code=said.status, headers={"Retry-After": "2"}
    )


def _base64(text: str, field: str, size: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise AccessError("request.field", 422, field=field) from None
    if size is not None and len(data) != size:
        raise AccessError("request.field", 422, field=field)
    return data


def _body(raw: bytes, of: type[T]) -> T:
    if len(raw) > MAX_JSON:
        raise AccessError("request.too_large", 413)
    try:
        return msgspec.json.decode(raw, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AccessError("request.shape", 422, detail=str(error)[:200]) from None


def _session_json(facts: OrganisationFacts, session: Session) -> dict[str, Any]:
    return {
        "access": session.access,
        "refresh": session.refresh,
        "expires_s": session.expires_s,
        "organisation": msgspec.to_builtins(facts),
        "user": {"id": str(session.user_id), "login": session.login},
        "device": {"id": str(session.device_id), "no": session.device_no},
        "must_change": session.must_change,
    }


class AccountApi:
    """The endpoints. `may_administer(slug, user id)`: whether a person may see and revoke everybody's devices."""

    def __init__(self, directory: Directory, may_administer: Callable[[str, UUID], bool]) -> None:
        self.directory = directory
        self.may_administer = may_administer

    def routes(self) -> list[Route]:
        """To be mounted at the root. Endpoints run in threads: argon2 and the database block."""
        return [
            Route("/v1/login", self._json(self.login, LoginBody), methods=["POST"]),
            Route("/v1/refresh", self._json(self.refresh, RefreshBody), methods=["POST"]),
            Route("/v1/logout", self._known(self.logout), methods=["POST"]),
            Route("/v1/password", self._known(self.password, PasswordBody), methods=["POST"]),
            Route("/v1/escrow", self._known(self.escrow, EscrowBody), methods=["POST"]),
            Route("/v1/me", self._known(self.me), methods=["GET"]),
            Route("/v1/devices", self._known(self.devices), methods=["GET"]),
            Route("/v1/devices/{no:int}/revoke", self._known(self.revoke), methods=["POST"]),
        ]

    def _json(self, call: Callable[[Request, Any], Response], of: type[Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                body = _body(await _read(request), of)
                return await _in_thread(call, request, body)
            except AccessError as error:
                return answer(error)
            except DBAPIError as error:
                return failed(error)

        return endpoint

    def _known(self, call: Callable[..., Response], of: type[Any] | None = None) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                who = await _in_thread(visitor, self.directory, request.headers.get("authorization", ""))
                more = () if of is None else (_body(await _read(request), of),)
                return await _in_thread(call, request, who, *more)
            except AccessError as error:
                return answer(error)
            except DBAPIError as error:
                return failed(error)

        return endpoint

    def login(self, request: Request, body: LoginBody) -> Response:
        """A session; the device is registered with its key."""
        name, at, slug = body.user.rpartition("@")
        slugs = [slug] if at and name else self.directory.with_login(body.user)
        login = name if at and name else body.user
        try:
            if len(slugs) > 1:
                raise AccessError("account.which_organisation", 409, user=body.user)
            accounts = self.directory.accounts(slugs[0])
        except (KeyError, IndexError):
            raise AccessError("account.password_wrong", 401) from None
        offer = DeviceOffer(_base64(body.public_key, "public_key", 32), body.device_name, body.schema)
        remote = request.client.host if request.client else ""
        session = accounts.login(login, body.password, offer, remote)
        return JSONResponse(_session_json(self.directory.facts(accounts.organisation), session))

    def refresh(self, request: Request, body: RefreshBody) -> Response:
        """The next session."""
        try:
            accounts = self.directory.accounts(body.organisation)
        except KeyError:
            raise AccessError("token.invalid", 401) from None
        session = accounts.refresh(body.refresh, _base64(body.proof, "proof", 64))
        return JSONResponse(_session_json(self.directory.facts(accounts.organisation), session))

    def logout(self, request: Request, who: Visitor) -> Response:
        """End the device's session."""
        self.directory.accounts(who.organisation).logout(who.known)
        return JSONResponse({})

    def password(self, request: Request, who: Visitor, body: PasswordBody) -> Response:
        """A new password by its owner."""
        self.directory.accounts(who.organisation).change_password(who.known, body.old, body.new)
        return JSONResponse({})

    def escrow(self, request: Request, who: Visitor, body: EscrowBody) -> Response:
        """Keep the sealed database key of the device."""
        sealed = _base64(body.sealed, "sealed")
        if not 60 <= len(sealed) <= 1024:
            raise AccessError("request.field", 422, field="sealed")
        self.directory.accounts(who.organisation).keep_escrow(who.known, sealed)
        return JSONResponse({})

    def me(self, request: Request, who: Visitor) -> Response:
        """Who the token is."""
        facts = self.directory.facts(who.organisation)
        return JSONResponse(
            {
                "organisation": msgspec.to_builtins(facts),
                "user": {"id": str(who.known.user_id)},
                "device": {"id": str(who.known.device_id), "no": who.known.device_no},
            }
        )

    def devices(self, request: Request, who: Visitor) -> Response:
        """The person's devices, everybody's for an administrator."""
        everybody = self.may_administer(who.organisation, who.known.user_id)
        found = self.directory.accounts(who.organisation).devices(None if everybody else who.known.user_id)
        rows = [row | {"id": str(row["id"]), "user_id": str(row["user_id"])} for row in found]
        return JSONResponse({"devices": rows})

    def revoke(self, request: Request, who: Visitor) -> Response:
        """Revoke one of the person's devices, anybody's for an administrator."""
        accounts = self.directory.accounts(who.organisation)
        number = int(request.path_params["no"])
        mine = {row["no"] for row in accounts.devices(who.known.user_id)}
        if number not in mine and not self.may_administer(who.organisation, who.known.user_id):
            raise AccessError("device.unknown", 404, device=number)
        accounts.revoke(number, by=str(who.known.user_id))
        return JSONResponse({})


async def _read(request: Request) -> bytes:
    """The body, refused as soon as it grows too large."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_JSON:
            raise AccessError("request.too_large", 413)
    return bytes(data)


async def _in_thread(call: Callable[..., T], *args: Any) -> T:
    return await run_in_threadpool(call, *args)
