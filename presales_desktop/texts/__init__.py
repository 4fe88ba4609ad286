"""Every text a person reads, in Chinese in the code and in English beside it in resources/i18n/en/*.json.

`tr("保存")` is the one way to a text, on every floor above models. Texts of one area (labels of fields, states, actions,
errors) stand in texts/<area>.py, so that window, command line and paper say the same words.
"""

from presales_desktop.texts.core import Language, language, set_language, tr, tr_in, tr_place

__all__ = ["Language", "language", "set_language", "tr", "tr_in", "tr_place"]
