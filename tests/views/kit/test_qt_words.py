"""Qt's own words follow the program's language."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from presales_desktop.views.kit import qt_words


def test_the_file_chooser_speaks_the_language_of_the_program(qapp: Any) -> None:
    try:
        assert qt_words.speak("zh")
        assert QCoreApplication.translate("QFileDialog", "File &name:") == "文件名称(&N)："
        assert qt_words.speak("en")
        assert QCoreApplication.translate("QFileDialog", "File &name:") == "File &name:"
    finally:
        qt_words.speak("en")
