"""Layouts put into layouts leave no Python object of their items behind. Installed by the package; nothing is to be called.

PySide (6.8 to 6.11 at least) makes a Python object of every spacer and item of a layout that is filled before it is added to another, and keeps it
as long as the outer layout lives. The item itself is often gone much sooner, its memory holds something new, and for PySide that address
then has two objects. Since 6.10 it takes the wrong turn there: when the new object (a Job, a timer) is destroyed from the C++ side, it
reads the Python object it has just freed. That was the rare segmentation fault of docs/decisions/011, which shows a small program for it.
Nobody needs those objects, so they are let go at once: what has no Python object can't be confused with another.

For the same reason code asks no layout for its items (`itemAt`); tests/views look after every test that none is left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout
from shiboken6 import invalidate

_WAYS_IN = ((QBoxLayout, "addLayout"), (QBoxLayout, "insertLayout"), (QGridLayout, "addLayout"))


def let_go(layout: QLayout) -> None:
    """Part the items of LAYOUT, and of the layouts in it, from their Python objects; the items themselves stay where they are."""
    for i in range(layout.count()):
        item = layout.itemAt(i)
        if isinstance(item, QLayout):
            let_go(item)
        elif item is not None:
            invalidate(item)


def _clean(add: Callable[..., Any]) -> Callable[..., Any]:
    def added(outer: QLayout, *args: Any, **kwargs: Any) -> Any:
        result = add(outer, *args, **kwargs)
        for each in args:
            if isinstance(each, QLayout):
                let_go(each)
        return result

    # Not functools.wraps: it would read the method's __doc__, for which PySide parses the signatures of QtCore, QtGui and QtWidgets.
    added.__name__ = added.__qualname__ = add.__name__
    vars(added)["__wrapped__"] = add
    return added


def install() -> None:
    """Once, before any page is made."""
    for kind, name in _WAYS_IN:
        add = getattr(kind, name)
        if not hasattr(add, "__wrapped__"):
            setattr(kind, name, _clean(add))
