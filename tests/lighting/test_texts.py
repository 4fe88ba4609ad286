"""Every code that the engine raises has words in both languages, with the same places to fill."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from string import Formatter

from presales_desktop.texts import lighting as words
from presales_desktop.texts import lookup

ROOT = Path(__file__).resolve().parent.parent.parent
ENGINE = ROOT / "presales_desktop" / "lighting"
FILLED = {"at", "line", "file", "expected", "found", "reason"}


def raised() -> tuple[set[str], set[str]]:
    """(error codes, warning codes) in the engine's source."""
    errors, warnings = set(), set()
    for path in ENGINE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if name in {"LightingError", "PhotometryWarning", "fail"} and isinstance(first, ast.Constant):
                (warnings if name == "PhotometryWarning" else errors).add(str(first.value))
    return errors, warnings


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_codes_and_words_agree() -> None:
    errors, warnings = raised()
    assert len(errors) > 30
    assert errors <= set(lookup.errors())
    assert set(words.ERRORS) <= errors
    assert warnings == set(words.WARNINGS)


def test_english() -> None:
    english = json.loads((ROOT / "resources" / "i18n" / "en" / "lighting.json").read_text(encoding="utf-8"))
    chinese = {*words.ERRORS.values(), *words.WARNINGS.values()}
    assert set(english) == chinese
    for text, translated in english.items():
        assert places(text) == places(translated) <= FILLED
        assert not re.search("[\u4e00-\u9fff]", translated)
