"""A device's login: its key pair, its tokens, and an access token that is always fresh.

The password is sent once and never kept. What is kept (device key, refresh token) lies in a store that the product hands in: the OS
keyring, or the encrypted database where there is none.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import niquests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.hosts import is_loopback

TIMEOUT_S = (10, 30)
# An access token is renewed so long before it ends.
MARGIN_S = 60
_COPIED = "copied"


class SecretStore(Protocol):
    """Where a device keeps its secrets."""

    def get(self, name: str) -> str | None:
        """The secret, None when there is none."""

    def set(self, name: str, value: str) -> None:
        """Keep it; "" removes it."""


class SessionError(Exception):
    """The server's or the network's no. `code`: network.offline, network.tls, url.invalid, url.insecure, server.unknown, or the
    server's own (account.password_wrong, account.throttled, device.revoked, token.reused …) with its values in `params`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def offline(self) -> bool:
        """Whether our server did not answer (nobody did, or somebody else): a login would change nothing."""
        return self.code in ("network.offline", "network.tls", "server.unknown")


@dataclass(frozen=True)
class Connected:
    """What a login tells: ids as text; `recovery_key` 32 bytes or empty."""

    url: str
    organisation_id: str
    organisation: str
    organisation_name: str
    user_id: str
    login: str
    device_id: str
    device_no: int
    must_change: bool
    recovery_key: bytes


def normalise_url(text: str) -> str:
    """The server's address as scheme://host[:port] without a path's trailing slash.

    Without a scheme https is meant, http for this machine. Raises SessionError url.invalid; url.insecure for http to elsewhere.
    """
    text = text.strip()
    given = text if "://" in text else f"//{text}"
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise SessionError("url.invalid", url=text) from None
    if not host or parts.scheme not in ("", "http", "https") or parts.query or parts.fragment or parts.username:
        raise SessionError("url.invalid", url=text)
    scheme = parts.scheme or ("http" if is_loopback(host) else "https")
    if scheme == "http" and not is_loopback(host):
        raise SessionError("url.insecure", url=text)
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class _Http(niquests.Session):
    """HTTP that trusts what it was told to, whatever the environment says; proxies it takes from there."""

    def __init__(self, authority: str) -> None:
        super().__init__()
        self.authority = authority

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """See niquests.Session: there a bundle of the environment goes before one of the session."""
        return super().merge_environment_settings(*args, **kwargs) | {"verify": self.authority}


def http_of(authority: str = "") -> niquests.Session:
    """HTTP that verifies servers by AUTHORITY (certificates as PEM text), by the system's store without one."""
    return _Http(authority) if authority else niquests.Session()


class DeviceSession:
    """One device at one server. Safe to use from several threads. AUTHORITY: the certificates (PEM) that vouch for the server, where
    the system does not know them."""

    def __init__(
        self,
        url: str,
        store: SecretStore,
        http: niquests.Session | None = None,
        clock: Callable[[], float] = time.time,
        authority: str = "",
    ) -> None:
        self.url = normalise_url(url)
        self.store = store
        self.http = http or http_of(authority)
        self.clock = clock
        self._access = ""
        self._until = 0.0
        self._lock = threading.Lock()

    # --- the key ---------------------------------------------------------------------------------------------------------------
    def key(self) -> Ed25519PrivateKey:
        """The device's key, made at first use."""
        found = self.store.get("device_key")
        if found:
            return Ed25519PrivateKey.from_private_bytes(base64.b64decode(found))
        made = Ed25519PrivateKey.generate()
        self.store.set("device_key", base64.b64encode(made.private_bytes_raw()).decode())
        return made

    def forget_key(self) -> None:
        """A copied profile begins as a device of its own at the next login."""
        for name in ("device_key", "refresh", _COPIED):
            self.store.set(name, "")
        self._access = ""

    def sign(self, message: bytes) -> bytes:
        """The device's signature (Ed25519, 64 bytes)."""
        return self.key().sign(message)

    # --- logging in --------------------------------------------------------------------------------------------------------------
    def login(self, user: str, password: str, device_name: str = "", schema: int = 1) -> Connected:
        """Log in and register the device: as a new one where what was here had been copied. Raises SessionError."""
        if self.store.get(_COPIED):
            self.forget_key()
        public = self.key().public_key().public_bytes_raw()
        body = {
            "user": user, "password": password, "public_key": base64.b64encode(public).decode(),
            "device_name": device_name, "schema": schema,
        }  # fmt: skip
        with self._lock:
            return self._take(self._post("/v1/login", body))

    def access(self) -> str:
        """An access token that is good for another minute. Raises SessionError; token.missing when somebody must log in."""
        with self._lock:
            if self.clock() < self._until - MARGIN_S:
                return self._access
            self._refresh()
            return self._access

    def expired(self) -> None:
        """The server did not take the token: fetch another one next time."""
        with self._lock:
            self._until = 0.0

    def logged_in(self) -> bool:
        """Whether there is anything to go on with."""
        return bool(self.store.get("refresh"))

    def logout(self) -> None:
        """Forget the session here, and on the server when it can be reached."""
        try:
            if self.logged_in():
                self._post("/v1/logout", {}, self.access())
        except SessionError:
            pass  # a session that cannot be ended there runs out by itself
        with self._lock:
            self.store.set("refresh", "")
            self._access, self._until = "", 0.0

    def change_password(self, old: str, new: str) -> None:
        """Raises SessionError account.password_wrong, account.password_weak."""
        self._post("/v1/password", {"old": old, "new": new}, self.access())

    def keep_escrow(self, sealed: bytes) -> None:
        """Leave the sealed database key with the server."""
        self._post("/v1/escrow", {"sealed": base64.b64encode(sealed).decode()}, self.access())

    # --- parts -------------------------------------------------------------------------------------------------------------------
    def _refresh(self) -> None:
        token = self.store.get("refresh")
        if not token:
            raise SessionError("token.missing")
        organisation, _, secret = token.partition(" ")
        proof = base64.b64encode(self.sign(b"refresh" + secret.encode())).decode()
        try:
            self._take(self._post("/v1/refresh", {"organisation": organisation, "refresh": secret, "proof": proof}))
        except SessionError as error:
            if error.code == "token.reused":
                # Another computer goes on with a copy of this workspace (or this one was put back from an image): from the next login on
                # this one is a device of its own. Nothing of what waits is touched.
                self.store.set(_COPIED, "1")
            raise

    def _take(self, said: dict[str, Any]) -> Connected:
        try:
            organisation, user, device = said["organisation"], said["user"], said["device"]
            connected = Connected(
                self.url, organisation["id"], organisation["slug"], organisation["name"], user["id"], user["login"],
                device["id"], int(device["no"]), bool(said["must_change"]),
                base64.b64decode(organisation.get("recovery_key", "")),
            )  # fmt: skip
            # The next token is kept before this one is used: a crash in between costs a retry within the server's grace, no login.
            self.store.set("refresh", f"{organisation['slug']} {said['refresh']}")
            self._access = str(said["access"])
            self._until = self.clock() + float(said["expires_s"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise SessionError("server.unknown", url=self.url) from None
        return connected

    def _post(self, path: str, body: dict[str, Any], access: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        try:
            reply = self.http.post(
                self.url + path, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
        except niquests.exceptions.SSLError as error:
            raise SessionError("network.tls", url=self.url, detail=str(error)[:200]) from None
        except (niquests.exceptions.InvalidURL, niquests.exceptions.InvalidSchema):
            raise SessionError("url.invalid", url=self.url) from None
        except (niquests.exceptions.RequestException, OSError) as error:
            raise SessionError("network.offline", url=self.url, detail=str(error)[:200]) from None
        return self._said(reply)

    def _said(self, reply: niquests.Response) -> dict[str, Any]:
        try:
            said = reply.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            # A proxy or a hotel's login page answers, not our server.
            code = "network.offline" if (reply.status_code or 0) >= 500 else "server.unknown"
            raise SessionError(code, url=self.url, status=reply.status_code)
        if reply.status_code != 200:
            raise SessionError(str(said.get("code", "server.unknown")), url=self.url, **dict(said.get("params") or {}))
        return said
