"""A stand-in for S3: enough of its protocol for obstore's own S3 client (PUT, GET, HEAD, ListObjectsV2, DeleteObjects), in memory.

It checks no signature. What a real bucket does besides (consistency, throttling, policies) is not tried here.
"""

from __future__ import annotations

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_WHEN = "2026-11-24T00:00:00.000Z"


class Bucket:
    """One bucket. `broken`: how many of the next requests are answered with 503; `full`: whether PUT is refused."""

    def __init__(self, name: str = "files") -> None:
        self.name = name
        self.objects: dict[str, bytes] = {}
        self.broken = 0
        self.full = False
        self.verbs: list[str] = []
        bucket = self

        class Handler(_Handler):
            at = bucket

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """No more requests."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    at: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{self.at.name}").lstrip("/")

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begin(self) -> bytes | None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.at.verbs.append(self.command)
        if self.at.broken > 0:
            self.at.broken -= 1
            self._say(503, b"<Error><Code>SlowDown</Code></Error>")
            return None
        return body

    def do_PUT(self) -> None:  # names of http.server
        body = self._begin()
        if body is None:
            return
        if self.at.full:
            self._say(403, b"<Error><Code>QuotaExceeded</Code></Error>")
            return
        self.at.objects[self._key()] = body
        self._say(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')  # what S3 calls an ETag

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if self._begin() is None:
            return
        asked = parse_qs(urlsplit(self.path).query)
        if "list-type" in asked:
            self._list(asked.get("prefix", [""])[0])
            return
        found = self.at.objects.get(self._key())
        if found is None:
            self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        etag = f'"{hashlib.md5(found).hexdigest()}"'
        self._say(200, found, ETag=etag, Last_Modified="Tue, 24 Nov 2026 00:00:00 GMT")

    def _list(self, prefix: str) -> None:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{_WHEN}</LastModified><Size>{len(data)}</Size>"
            f"<ETag>x</ETag><StorageClass>STANDARD</StorageClass></Contents>"
            for key, data in sorted(self.at.objects.items())
            if key.startswith(prefix)
        )
        said = f"<ListBucketResult><Name>{self.at.name}</Name><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self._say(200, said.encode(), Content_Type="application/xml")

    def do_POST(self) -> None:
        body = self._begin()
        if body is None:
            return
        keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
        for key in keys:
            self.at.objects.pop(unquote(key), None)
        done = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._say(200, f"<DeleteResult>{done}</DeleteResult>".encode(), Content_Type="application/xml")
