"""Whether a workspace belongs to a server, and the capture of its changes if so. Asked once per open database."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.client.capture import Capture, Watch, connected

_captures: WeakKeyDictionary[Engine, Capture | None] = WeakKeyDictionary()


def capture_of(engine: Engine) -> Capture | None:
    """The capture of the workspace on ENGINE; None while it has no server."""
    if engine not in _captures:
        found: Capture | None = None
        if connected(engine):
            from presales_desktop.models.syncing import REGISTRY

            found = Capture(REGISTRY)
        _captures[engine] = found
    return _captures[engine]


def forget(engine: Engine) -> None:
    """Ask again: the workspace was connected or disconnected."""
    _captures.pop(engine, None)


def watch(session: Session) -> Watch | None:
    """Watch a unit of work that begins; None (and no cost) in a workspace without a server."""
    engine = session.get_bind()
    capture = capture_of(engine) if isinstance(engine, Engine) else None
    return None if capture is None else capture.watch(session)
