"""What changed since the last revision, in place: taken away in red and struck through, put in in green and underlined."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from presales_desktop.models.contract_diff import Change, Piece
from presales_desktop.services.contract_changes import Since
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import clear, row, words
from presales_desktop.views.kit.states import Chip

HOW: Final = {
    "added": ("新增", "good"),
    "removed": ("删去", "bad"),
    "changed": ("修改", "amber"),
    "moved": ("移位", "neutral"),
}
_AREAS: Final = {"field": "合同信息", "goods": "标的", "step": "付款与交付计划", "clause": "条款"}
# Of what stays, so much is shown on either side of a change.
_AROUND: Final = 24


class Changes(QWidget):
    """One line for each change; `texts`: the same in plain words, as screen readers and tests have it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("contract.changes")
        self.texts: list[str] = []
        self._list = QVBoxLayout(self)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)

    def show_since(self, since: Since | None) -> None:
        """The changes of SINCE; says so when there are none."""
        clear(self._list)
        self.texts = []
        if since is None:
            return
        if not since.changes:
            self._list.addWidget(words(tr("和 R{n} 相比没有变化。", n=since.revision), "secondary"))
        for change in since.changes:
            self._list.addWidget(self._line(change))

    def _line(self, change: Change) -> QWidget:
        word, tone = HOW[change.how]
        name = lookup.label("contract", change.name) if change.area == "field" else change.name
        if change.fact and change.how == "changed":
            kind = "contract_step" if change.area == "step" else "quote_line"
            name = f"{name} · {lookup.label(kind, _fact(change.fact))}"
        pieces = change.pieces or _values(change)
        made = QWidget()
        inner = QVBoxLayout(made)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(2)
        inner.addLayout(
            row(
                Chip(tr(word), tone),
                words(tr(_AREAS[change.area]), "secondary"),
                words(name, "strong", wrap=True),
                None,
            )
        )
        said = f"{tr(word)} {tr(_AREAS[change.area])} {name}"
        if pieces:
            inner.addWidget(pieces_label(pieces))
            said += "：" + _plain(pieces)
        made.setAccessibleName(said)
        self.texts.append(said)
        return made


def pieces_label(pieces: tuple[Piece, ...]) -> QLabel:
    """Words against others: what went in red and struck through, what came in green and underlined."""
    text = words("", wrap=True, selectable=True)
    text.setTextFormat(Qt.TextFormat.RichText)
    text.setText("".join(_html(p) for p in _shortened(pieces)))
    text.setAccessibleName(_plain(pieces))
    return text


def _fact(name: str) -> str:
    return {"discount": "discount_percent"}.get(name, name)


def _values(change: Change) -> tuple[Piece, ...]:
    shown = [_value(change.fact or change.name, v) for v in (change.before, change.after)]
    made = (Piece("removed", shown[0]), Piece("same", "  "), Piece("added", shown[1]))
    return tuple(p for p in made if p.text and p.text != "—")


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if name.endswith("_fen"):
        return fmt.money(value)
    if name == "base":
        return lookup.choice("contract_step", "base", value)
    if name in ("discount", "discount_percent"):
        return fmt.percent(value)
    return str(value)


def _shortened(pieces: tuple[Piece, ...]) -> list[Piece]:
    """Long runs that stay the same with their middle left out."""
    made = []
    for n, piece in enumerate(pieces):
        text = piece.text
        if piece.how == "same" and len(text) > 3 * _AROUND:
            head = text[:_AROUND] if n else ""
            tail = text[-_AROUND:] if n < len(pieces) - 1 else ""
            text = f"{head}…{tail}"
        made.append(Piece(piece.how, text))
    return made


def _html(piece: Piece) -> str:
    text = escape(piece.text).replace("\n", "<br>")
    if piece.how == "same":
        return f"<span>{text}</span>"
    tag, tone = ("s", "bad") if piece.how == "removed" else ("u", "good")
    return f'<{tag} style="color:{tokens.color(tone).name()}">{text}</{tag}>'


def _plain(pieces: tuple[Piece, ...]) -> str:
    marks = {"removed": ("[-", "]"), "added": ("[+", "]"), "same": ("", "")}
    return "".join(f"{marks[p.how][0]}{p.text}{marks[p.how][1]}" for p in _shortened(pieces))
