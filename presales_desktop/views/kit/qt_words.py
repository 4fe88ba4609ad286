"""Qt's own few words (its file chooser, the menu of a text field) in the program's language.

Where the platform has dialogs of its own Qt shows those; on a plain Linux desktop its own are seen, English unless told otherwise.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

_spoken: list[QTranslator] = []


def speak(language: str) -> bool:
    """Let Qt say its words in LANGUAGE ("zh" or "en", its own); False when its words are not installed."""
    app = QCoreApplication.instance()
    if app is None:
        return False
    while _spoken:
        app.removeTranslator(_spoken.pop())
    if language != "zh":
        return True
    words = QTranslator(app)
    if not words.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        return False
    app.installTranslator(words)
    _spoken.append(words)
    return True
