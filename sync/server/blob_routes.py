"""Files over HTTP: announce, send chunks, complete, fetch chunks. Bodies are raw bytes; Content-SHA256 (hex) goes with each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.server.account_routes import Directory, Visitor, answer, failed, insider
from sync.server.accounts import AccessError
from sync.server.blobs import CHUNK, BlobError, BlobStore


class BlobHouse(Protocol):
    """What the product knows of files."""

    def blobs(self, slug: str) -> BlobStore:
        """The files of an organisation."""

    def may_read(self, who: Visitor, sha256: bytes) -> bool:
        """Whether some row in the person's scopes rightly refers to this file."""

    def verified(self, who: Visitor, sha256: bytes, size: int) -> None:
        """A file is whole, and this person has brought it or may read it: clients are told by a synced row, unless they were. Called each time somebody asks for completion, since
        the server may have stopped between the verdict and the row."""


class BlobApi:
    """The endpoints."""

    def __init__(self, directory: Directory, house: BlobHouse) -> None:
        self.directory = directory
        self.house = house

    def routes(self) -> list[Route]:
        """To be mounted at the root."""
        return [
            Route("/v1/blobs/{sha}", self._endpoint(self._begin, 1024), methods=["POST"]),
            Route("/v1/blobs/{sha}", self._endpoint(self._status), methods=["GET"]),
            Route("/v1/blobs/{sha}/complete", self._endpoint(self._complete, 1024), methods=["POST"]),
            Route("/v1/blobs/{sha}/{number:int}", self._endpoint(self._put, CHUNK), methods=["PUT"]),
            Route("/v1/blobs/{sha}/{number:int}", self._endpoint(self._get), methods=["GET"]),
        ]

    def _endpoint(
        self, call: Callable[[Request, Visitor, bytes, bytes], Response], limit: int = 0
    ) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                who = await run_in_threadpool(insider, self.directory, request.headers.get("authorization", ""))
                body = await _read(request, limit)
                return await run_in_threadpool(call, request, who, _name(request), body)
            except AccessError as error:
                return answer(error)
            except DBAPIError as error:
                return failed(error)
            except BlobError as error:
                said = {"code": error.code, "message": error.code, "params": error.params}
                return JSONResponse(said, status_code=error.status)

        return endpoint

    def _begin(self, request: Request, who: Visitor, sha256: bytes, body: bytes) -> Response:
        try:
            size = msgspec.json.decode(body, type=dict[str, int])["size"]
        except (msgspec.DecodeError, KeyError):
            raise BlobError("blob.size", 422) from None
        blobs, entitled = self.house.blobs(who.organisation), self._entitled(who, sha256)
        status = blobs.begin(sha256, size, who.known.user_id.bytes, entitled=entitled)
        return JSONResponse({"state": status.state, "missing": list(status.missing)})

    def _status(self, request: Request, who: Visitor, sha256: bytes, body: bytes) -> Response:
        self._require(who, sha256)
        status = self.house.blobs(who.organisation).status(sha256)
        return JSONResponse({"state": status.state, "size": status.size})

    def _put(self, request: Request, who: Visitor, sha256: bytes, body: bytes) -> Response:
        digest = request.headers.get("content-sha256", "")
        try:
            claimed = bytes.fromhex(digest)
        except ValueError:
            raise BlobError("blob.chunk", 422) from None
        number, user = int(request.path_params["number"]), who.known.user_id.bytes
        self.house.blobs(who.organisation).put(sha256, number, body, claimed, user)
        return Response(status_code=204)

    def _complete(self, request: Request, who: Visitor, sha256: bytes, body: bytes) -> Response:
        blobs = self.house.blobs(who.organisation)
        blobs.complete(sha256, who.known.user_id.bytes, entitled=self._entitled(who, sha256))
        self.house.verified(who, sha256, blobs.status(sha256).size)
        return JSONResponse({"state": "verified"})

    def _get(self, request: Request, who: Visitor, sha256: bytes, body: bytes) -> Response:
        self._require(who, sha256)
        data = self.house.blobs(who.organisation).get(sha256, int(request.path_params["number"]))
        return Response(
            data,
            media_type="application/octet-stream",
            headers={"Content-SHA256": hashlib.sha256(data).hexdigest(), "Cache-Control": "private, immutable"},
        )

    def _entitled(self, who: Visitor, sha256: bytes) -> bool:
        """Whether it is no secret to somebody what the server has of a file: he may read it, or has brought it."""
        return self.house.may_read(who, sha256)

    def _require(self, who: Visitor, sha256: bytes) -> None:
        """A hash is no key: who may not see a row with the file learns nothing of it."""
        if not self.house.may_read(who, sha256):
            raise BlobError("blob.unknown", 404)


def _name(request: Request) -> bytes:
    try:
        name = bytes.fromhex(request.path_params["sha"])
    except ValueError:
        name = b""
    if len(name) != 32:
        raise BlobError("blob.unknown", 404)
    return name


async def _read(request: Request, limit: int) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise AccessError("request.too_large", 413)
    return bytes(data)
