"""What a start keeps from the one before: code compiled at run time; modules that are only imported when they are asked for."""

from __future__ import annotations

import builtins
import dataclasses
import marshal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from presales_desktop import bytecode
from presales_desktop.later import imported_later


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    bytecode.uninstall()
    yield tmp_path / "cache" / "code.bin"
    bytecode.uninstall()


def _point() -> Any:
    @dataclasses.dataclass(frozen=True)
    class Point:
        x: int
        y: int = 2

    return Point


def test_a_second_run_compiles_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bytecode.install(file)
    first = _point()
    assert first(1) == first(1, 2)
    bytecode.keep()
    bytecode.uninstall()
    compiled: list[str] = []
    monkeypatch.setattr(bytecode, "_compile", lambda source, *_a, **_k: compiled.append(source))
    bytecode.install(file)
    made = _point()(1)
    assert (made.x, made.y, repr(made)) == (1, 2, f"{type(made).__qualname__}(x=1, y=2)")
    assert compiled == []
    assert not bytecode._kept.grown  # type: ignore[union-attr]


def test_other_source_and_other_flags_are_compiled_anew(file: Path) -> None:
    kept = bytecode.Kept(file)
    plain = kept.code("def f(x: int): pass", "<a>", 0)
    lazy = kept.code("def f(x: int): pass", "<a>", 0x1000000)
    spaces: list[dict[str, Any]] = [{}, {}]
    exec(plain, spaces[0])
    exec(lazy, spaces[1])
    assert [space["f"].__annotations__ for space in spaces] == [{"x": int}, {"x": "int"}]
    assert kept.code("x = 1", "<a>", 0) != kept.code("x = 2", "<a>", 0)
    with pytest.raises(SyntaxError):
        kept.code("def", "<a>", 0)


def test_the_flags_of_the_caller_count_as_with_the_builtin(file: Path) -> None:
    bytecode.install(file)
    spaces: list[dict[str, Any]] = [{}, {}]
    # This file has `from __future__ import annotations`.
    exec(builtins.compile("def f(x: int): pass", "<b>", "exec"), spaces[0])
    exec(builtins.compile("def f(x: int): pass", "<b>", "exec", dont_inherit=True), spaces[1])
    assert [space["f"].__annotations__ for space in spaces] == [{"x": "int"}, {"x": int}]
    assert eval(builtins.compile("6 * 7", "<b>", "eval")) == 42


@pytest.mark.parametrize("content", [b"", b"no marshal", marshal.dumps((b"xx", {})), marshal.dumps(7)])
def test_a_damaged_file_costs_only_the_time(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    kept = bytecode.Kept(file)
    assert kept.entries == {}
    kept.code("x = 1", "<c>", 0)
    kept.keep()
    assert bytecode.Kept(file).entries.keys() == {("x = 1", "<c>", 0)}


def test_where_nothing_can_be_written_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    kept = bytecode.Kept(tmp_path / "cache" / "code.bin")
    kept.code("x = 1", "<c>", 0)
    kept.keep()
    assert (tmp_path / "cache").read_text() == "a file where the folder should be"


def test_what_was_not_used_goes_when_there_is_too_much(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = bytecode.Kept(file)
    first.code("old = 1", "<d>", 0)
    first.keep()
    monkeypatch.setattr(bytecode, "_MOST", 1)
    second = bytecode.Kept(file)
    second.code("new = 1", "<d>", 0)
    second.keep()
    assert bytecode.Kept(file).entries.keys() == {("new = 1", "<d>", 0)}


def _python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_qt_works_from_kept_code_and_its_generator_is_there_when_asked_for(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from presales_desktop import bytecode
bytecode.install(Path(sys.argv[1]))
from PySide6.QtCore import QObject, Qt
from PySide6.support.signature import get_signature
from shibokensupport.signature.lib import pyi_generator
loaded = "generate_pyi" in vars(pyi_generator)
from shibokensupport.signature.lib.pyi_generator import generate_pyi
print(loaded, callable(generate_pyi), get_signature(QObject.setObjectName), Qt.AlignmentFlag.AlignLeft.name)
bytecode.keep()
"""
    first, second = (_python(code, str(tmp_path / "code.bin")) for _ in range(2))
    assert first == second
    assert first.startswith("False True (self, name")


def test_a_library_gets_its_module_when_it_asks_for_a_name() -> None:
    code = """
import sys
from presales_desktop.later import imported_later
with imported_later("asyncio", "importlib.metadata", "json"):
    import sqlalchemy.orm
    from sqlalchemy.util import concurrency, langhelpers
print("asyncio" in sys.modules, "importlib.metadata" in sys.modules)
print(concurrency.is_exit_exception(ValueError()), concurrency.is_exit_exception(KeyboardInterrupt()))
async def f(): pass
c = f(); print(concurrency.iscoroutine(c)); c.close()
print(langhelpers.importlib.metadata.version("sqlalchemy") == sqlalchemy.__version__)
import asyncio
print(concurrency.asyncio.TimeoutError is asyncio.TimeoutError, type(asyncio).__name__)
"""
    assert _python(code).splitlines() == ["False False", "False True", "True", "True", "True module"]


def test_what_is_loaded_already_is_left_alone() -> None:
    real = sys.modules["dataclasses"]
    with imported_later("dataclasses"):
        assert sys.modules["dataclasses"] is real
    assert sys.modules["dataclasses"] is real
