"""Keeps the bytecode of code that libraries write and compile while they are imported, so that a start compiles nothing.

Modules have their .pyc files; what is made at run time has none: the methods of 110 dataclasses, SQLAlchemy's wrappers, and PySide's
support modules, which its wheel holds as zipped source. Together they are a fifth of a start's processor time. `install()` comes first
of all (before PySide6 is imported), `keep()` once everything is loaded; what is kept may be deleted at any time.

An entry is found by the whole source, its file name and its compiler flags, so none can be stale; the file is named after the
interpreter, for bytecode is only valid there. It stands in the user's own cache, like .pyc files under PYTHONPYCACHEPREFIX.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import importlib.util
import marshal
import os
import sys
from pathlib import Path
from types import CodeType
from typing import Any

from presales_desktop import paths

_Key = tuple[str, str, int]
_compile, _exec = builtins.compile, builtins.exec
# Flags of __future__ that a caller hands on to what it compiles.
_FUTURES = 0x1FF0000
_MOST = 4000
# A development tool that PySide loads with its signatures, with 30 expressions to compile: loaded when somebody asks for it.
_TOOL = "shibokensupport/signature/lib/pyi_generator.py"


class Kept:
    """Compiled code by its source. `entries` were there, `used` are the ones of this run; new ones among them are written."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.entries: dict[_Key, bytes] = {}
        self.used: set[_Key] = set()
        self.grown = False
        # No file yet, or a damaged one, or one of another interpreter: begin anew.
        with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
            magic, entries = marshal.loads(file.read_bytes())
            if magic == importlib.util.MAGIC_NUMBER:
                self.entries = dict(entries)

    def code(self, source: str, name: str, flags: int) -> CodeType:
        """SOURCE compiled as a module; raises SyntaxError as compile() does."""
        key = source, name, flags
        self.used.add(key)
        found = self.entries.get(key)
        if found is not None:
            return marshal.loads(found)  # type: ignore[no-any-return]  # what was put in below
        made: CodeType = _compile(source, name, "exec", flags, dont_inherit=True)
        self.entries[key] = marshal.dumps(made)
        self.grown = True
        return made

    def compile(
        self,
        source: Any,
        filename: Any,
        mode: str,
        flags: int = 0,
        dont_inherit: bool = False,
        optimize: int = -1,
        **rest: Any,
    ) -> Any:
        """In place of the builtin; only text that becomes a module is kept, all else is passed on with the flags of the caller."""
        if not dont_inherit:
            flags |= sys._getframe(1).f_code.co_flags & _FUTURES  # noqa: SLF001  # how the builtin knows its caller
        if mode == "exec" and optimize == -1 and isinstance(filename, str) and not rest:
            if isinstance(source, bytes) and filename.startswith("shibokensupport/"):
                source = source.decode()
                if filename == _TOOL:
                    source = _later(source)
            if isinstance(source, str):
                return self.code(source, filename, flags)
        return _compile(source, filename, mode, flags, dont_inherit=True, optimize=optimize, **rest)

    def exec(
        self, source: str | bytes | CodeType, namespace: dict[str, Any], local: dict[str, Any] | None = None, /
    ) -> None:
        """In place of the builtin inside `dataclasses`, which hands over the text of one method after the other."""
        code = self.code(source, "<string>", 0) if isinstance(source, str) else source
        _exec(code, namespace, namespace if local is None else local)

    def keep(self) -> None:
        """Write what is new; on a full disk, or where nothing may be written, the next start compiles again."""
        if not self.grown:
            return
        self.grown = False
        entries = dict(self.entries)
        if len(entries) > _MOST:
            entries = {key: entries[key] for key in self.used if key in entries}
        import tempfile  # only a start that has something new to keep pays for it

        data = marshal.dumps((importlib.util.MAGIC_NUMBER, entries))
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.file.parent, prefix=".code")
            try:
                with os.fdopen(descriptor, "wb") as out:
                    out.write(data)
                Path(name).replace(self.file)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise


def _later(source: str) -> str:
    """A module that runs SOURCE when its first name is asked for."""
    return f"""
def __getattr__(name, _source={source!r}):
    if name.startswith("__"):
        raise AttributeError(name)
    del globals()["__getattr__"]
    exec(_source, globals())
    return globals()[name]
"""


_kept: Kept | None = None


def default_file() -> Path:
    """Where this interpreter's code is kept on this computer."""
    return paths.cache_dir() / f"compiled-{sys.implementation.cache_tag}.bin"


def install(file: Path | None = None) -> None:
    """Compile through what is kept from now on, once."""
    global _kept
    if _kept is None:
        _kept = Kept(file or default_file())
        builtins.compile = _kept.compile
        vars(dataclasses)["exec"] = _kept.exec


def keep() -> None:
    """Everything is loaded: write what was new."""
    if _kept is not None:
        _kept.keep()


def uninstall() -> None:
    """Give the builtins back."""
    global _kept
    if _kept is not None:
        _kept = None
        builtins.compile = _compile
        vars(dataclasses).pop("exec", None)
