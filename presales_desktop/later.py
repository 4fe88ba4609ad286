"""Modules that a library imports for what this program may never do: they are imported when the first of their names is asked for.

SQLAlchemy imports asyncio (with ssl and sockets) and importlib.metadata (with the e-mail package) on top of its modules and uses neither
for a local database; together they cost a start as much as its fonts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import Any

_lock = RLock()


class _Later(ModuleType):
    """Stands in for a module of its name in whoever imported it meanwhile."""

    def __getattr__(self, name: str) -> Any:
        with _lock:
            _step_aside(self)
            return getattr(import_module(self.__name__), name)


def _step_aside(placeholder: _Later) -> None:
    if sys.modules.get(placeholder.__name__) is placeholder:
        del sys.modules[placeholder.__name__]


def _iscoroutine(thing: object) -> bool:
    return bool(import_module("asyncio").iscoroutine(thing))


@contextmanager
def imported_later(*names: str) -> Iterator[None]:
    """What imports the modules NAMES in this block gets placeholders for those that are not loaded yet.

    After it the names are free again: who imports them then gets the real ones.
    """
    made = [_Later(name) for name in names if name not in sys.modules]
    for each in made:
        if each.__name__ == "asyncio":
            vars(each)["iscoroutine"] = _iscoroutine  # SQLAlchemy takes this one out while it is imported
        sys.modules[each.__name__] = each
        package, _, last = each.__name__.rpartition(".")
        if package:
            setattr(import_module(package), last, each)  # until the real one takes its place there
    try:
        yield
    finally:
        for each in made:
            _step_aside(each)
