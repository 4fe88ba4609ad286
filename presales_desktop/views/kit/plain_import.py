"""Python's own `import` statement back in its place. Done by the package; nothing is to be called.

PySide puts a function of its own there, for `from __feature__ import snake_case`. It is called twice for each import statement that runs, and it
reads and keeps the source text of every module that is imported, SQLAlchemy's 170 among them, to look for the word PySide6: a tenth of a start and
several megabytes. This program asks for none of those features.
"""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401  # it must have put its function there


def restore() -> None:
    """Once, before the libraries are imported; without PySide's hook nothing changes."""
    own = vars(builtins).get("__orig_import__")
    if own is not None:
        vars(builtins)["__import__"] = own
