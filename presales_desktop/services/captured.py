"""Whether a workspace belongs to a server, and the capture of its changes if so. Asked once per open database."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sync.client.capture import Capture, Watch, connected

_captures: WeakKeyDictionary[Engine, Capture | None] = WeakKeyDictionary()
_listeners: WeakKeyDictionary[Engine, Callable[[], None]] = WeakKeyDictionary()


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


def on_saved(engine: Engine, call: Callable[[], None] | None) -> None:
    """CALL after each unit of work that left something to send; None ends it."""
    if call is None:
        _listeners.pop(engine, None)
    else:
        _listeners[engine] = call


def saved(session: Session) -> None:
    """A unit of work was committed and there is something to send."""
    engine = session.get_bind()
    call = _listeners.get(engine) if isinstance(engine, Engine) else None
    if call is not None:
        call()
