"""The interface as OpenAPI 3.1, kept by hand next to the routes; a test compares the two.

Push, pull and segments speak msgpack under zstd (sync.wire): here they are opaque bytes, their structs are in docs/sync.md and sync/wire.py.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sync import wire
from sync.server.account_routes import EscrowBody, LoginBody, OrganisationFacts, PasswordBody, RefreshBody
from sync.server.blobs import CHUNK
from sync.server.sync_routes import MEDIA

_HEX16 = "^([0-9a-fA-F]{2}){0,16}$"
_SHA = {"name": "sha", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
_NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
_DEVICE = {"name": "no", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
_DIGEST = {"name": "Content-SHA256", "in": "header", "schema": {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"}}
_BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
_ID = {"type": "string", "format": "uuid"}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _answer(schema: Any = None, media: str = "application/json", description: str = "OK") -> dict[str, Any]:
    said: dict[str, Any] = {"description": description}
    if schema is not None:
        said["content"] = {media: {"schema": schema}}
    return said


_PROBLEM = _answer({"$ref": "#/components/schemas/Problem"}, description="Refused: a stable code with values")


def _call(
    summary: str,
    answer: dict[str, Any] | None = None,
    *,
    body: dict[str, Any] | None = None,
    media: str = "application/json",
    parameters: list[dict[str, Any]] | None = None,
    problems: tuple[int, ...] = (),
    open_: bool = False,
    status: int = 200,
    nothing: str = "",
) -> dict[str, Any]:
    refused = set(problems) | (set() if open_ else {401, 403}) | {500, 503, 507}
    said: dict[str, Any] = {"summary": summary, "responses": {str(status): answer or _answer({"type": "object"})}}
    said["responses"] |= {str(code): _PROBLEM for code in sorted(refused)}
    if nothing:
        said["responses"]["204"] = {"description": nothing}
    if parameters:
        said["parameters"] = parameters
    if body is not None:
        said["requestBody"] = {"required": True, "content": {media: {"schema": body}}}
    if open_:
        said["security"] = []
    return said


def document() -> dict[str, Any]:
    """The whole description."""
    bodies = (LoginBody, RefreshBody, PasswordBody, EscrowBody, OrganisationFacts)
    _, schemas = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    device = _object(id=_ID, no={"type": "integer"})
    facts = {"$ref": "#/components/schemas/OrganisationFacts"}
    schemas |= {
        "Problem": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "params": {"type": "object"}},
            "required": ["code", "message"],
        },
        "Session": _object(
            access={"type": "string"},
            refresh={"type": "string"},
            expires_s={"type": "integer"},
            organisation=facts,
            user=_object(id=_ID, login={"type": "string"}),
            device=device,
            must_change={"type": "boolean"},
        ),
        "Me": _object(organisation=facts, user=_object(id=_ID), device=device),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "presales-server", "version": str(wire.PROTOCOL), "description": __doc__},
        "security": [{"bearer": []}],
        "paths": {**_sync_paths(), **_account_paths(), **_blob_paths(), **_health_paths()},
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _sync_paths() -> dict[str, Any]:
    seq = {"type": "integer", "minimum": 0, "maximum": 1 << 62}
    pull = [
        _query("epoch", {"type": "string", "pattern": _HEX16}),
        _query("cursor", seq),
        _query("limit", seq),
        _query("place", {"type": "string", "pattern": "^([0-9a-fA-F]{2})*$", "maxLength": 8192}),
    ]
    return {
        "/v1/push": {
            "post": _call(
                "Commits of one device; PushRequest → PushAnswer. Sending them again is harmless.",
                _answer(_BYTES, MEDIA),
                body=_BYTES,
                media=MEDIA,
                parameters=[_DIGEST],
                problems=(400, 409, 413, 422),
            )
        },
        "/v1/pull": {
            "get": _call(
                "What the replica at `cursor` lacks: PullAnswer.",
                _answer(_BYTES, MEDIA),
                parameters=pull,
                problems=(400, 409, 422),
                nothing="The replica at `cursor` has everything",
            )
        },
        "/v1/segments/{sha}": {
            "get": _call(
                "An immutable file of the first load; `Range: bytes=N-` goes on with it.",
                _answer(_BYTES, MEDIA),
                parameters=[_SHA],
                problems=(404,),
            )
        },
        "/v1/live": {
            "get": _call(
                'Server-sent events {"seq": N}: something is new.',
                _answer({"type": "string"}, "text/event-stream"),
                parameters=[_query("seq", seq)],
                problems=(422,),
            )
        },
    }


def _account_paths() -> dict[str, Any]:
    session = _answer(_ref("Session"))
    return {
        "/v1/login": {
            "post": _call(
                "Log in; the device is registered with its key.",
                session,
                body=_ref("LoginBody"),
                problems=(401, 403, 409, 413, 422, 429),
                open_=True,
            )
        },
        "/v1/refresh": {
            "post": _call(
                "The next session.",
                session,
                body=_ref("RefreshBody"),
                problems=(401, 403, 413, 422),
                open_=True,
            )
        },
        "/v1/logout": {"post": _call("End the device's session.")},
        "/v1/password": {
            "post": _call("A new password by its owner.", body=_ref("PasswordBody"), problems=(413, 422, 429))
        },
        "/v1/escrow": {"post": _call("Keep the sealed database key.", body=_ref("EscrowBody"), problems=(413, 422))},
        "/v1/me": {"get": _call("Who the token is.", _answer(_ref("Me")))},
        "/v1/devices": {"get": _call("The person's devices, everybody's for an administrator.")},
        "/v1/devices/{no}/revoke": {"post": _call("Revoke a device.", parameters=[_DEVICE], problems=(404,))},
    }


def _blob_paths() -> dict[str, Any]:
    size = {"type": "object", "properties": {"size": {"type": "integer", "minimum": 0}}, "required": ["size"]}
    digest = {**_DIGEST, "required": True}
    chunk = {**_BYTES, "maxLength": CHUNK}
    return {
        "/v1/blobs/{sha}": {
            "post": _call(
                "Announce a file; the chunks that lack.", body=size, parameters=[_SHA], problems=(404, 413, 422)
            ),
            "get": _call("What the server has of a file.", parameters=[_SHA], problems=(404,)),
        },
        "/v1/blobs/{sha}/complete": {
            "post": _call("All chunks are there: verify.", parameters=[_SHA], problems=(404, 409, 413, 422))
        },
        "/v1/blobs/{sha}/{number}": {
            "put": _call(
                "One chunk.",
                _answer(description="Kept"),
                body=chunk,
                media="application/octet-stream",
                parameters=[_SHA, _NUMBER, digest],
                problems=(404, 409, 413, 422),
                status=204,
            ),
            "get": _call(
                "One chunk.",
                _answer(_BYTES, "application/octet-stream"),
                parameters=[_SHA, _NUMBER],
                problems=(404, 416),
            ),
        },
    }


def _health_paths() -> dict[str, Any]:
    state = _answer(_object(status={"type": "string"}))
    return {
        "/healthz": {"get": _call("Alive.", state, open_=True)},
        "/readyz": {"get": _call("The database answers.", state, open_=True)},
        "/metrics": {"get": _call("Figures for Prometheus.", _answer({"type": "string"}, "text/plain"), open_=True)},
    }
