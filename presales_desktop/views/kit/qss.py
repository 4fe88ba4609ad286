"""The style sheet, made from tokens. Small on purpose: Fusion with our palette draws what is not named here.

Traps that were met: a border on QComboBox takes its arrow away (so the arrow is given), padding on items of a QListView
overlaps rows (so delegates draw them), a font in the sheet beats QWidget.setFont (so only roles set one).
"""

from __future__ import annotations

from presales_desktop.views.kit import tokens


def sheet(p: tokens.Palette, drawn: dict[str, str]) -> str:
    """The sheet for palette P; DRAWN: paths of the tinted pictures."""
    return "\n".join((_words(p), _buttons(p), _inputs(p, drawn), _boxes(p, drawn), _views(p, drawn), _frames(p)))


def _words(p: tokens.Palette) -> str:
    return f"""
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {tokens.TITLE}px; font-weight: {tokens.SEMIBOLD}; }}
QLabel[role="section"] {{ font-size: {tokens.SECTION}px; font-weight: {tokens.SEMIBOLD}; }}
QLabel[role="strong"] {{ font-weight: {tokens.SEMIBOLD}; }}
QLabel[role="figure"] {{ font-size: {tokens.FIGURE}px; font-weight: {tokens.SEMIBOLD}; }}
QLabel[role="secondary"] {{ color: {p.secondary}; }}
QLabel[role="small"] {{ color: {p.secondary}; font-size: {tokens.SMALL}px; }}
QLabel[role="faint"] {{ color: {p.faint}; font-size: {tokens.SMALL}px; }}
QLabel[role="group"] {{ color: {p.faint}; font-size: {tokens.SMALL}px; font-weight: {tokens.SEMIBOLD}; }}
QLabel[role="good"] {{ color: {p.good}; }}
QLabel[role="bad"] {{ color: {p.bad}; }}
QLabel[role="amber"] {{ color: {p.amber}; }}
QLabel[role="accent"] {{ color: {p.accent}; }}
QLabel[tone="good"] {{ color: {p.good}; }}
QLabel[tone="bad"] {{ color: {p.bad}; }}
QLabel[tone="amber"] {{ color: {p.amber}; }}
QLabel[tone="accent"] {{ color: {p.accent}; }}
QLabel:disabled {{ color: {p.faint}; }}
QToolTip {{ color: {p.text}; background: {p.raised}; border: 1px solid {p.border}; padding: 3px 6px; }}
"""


def _buttons(p: tokens.Palette) -> str:
    inner = tokens.control_height() - 2
    return f"""
QPushButton, QToolButton {{
  color: {p.text}; background: {p.panel}; border: 1px solid {p.border}; border-radius: {tokens.RADIUS}px;
  padding: 0 12px; min-height: {inner}px; }}
QToolButton {{ padding: 0 6px; }}
QPushButton:hover, QToolButton:hover {{ background: {p.hover}; }}
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked {{ background: {p.pressed}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {p.accent}; padding: 0 11px; min-height: {inner - 2}px; }}
QToolButton:focus {{ padding: 0 5px; }}
QPushButton:disabled, QToolButton:disabled {{ color: {p.faint}; background: {p.window}; border-color: {p.hairline}; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ width: 0; image: none; }}
QPushButton[look="primary"] {{ color: {p.on_accent}; background: {p.accent_fill}; border-color: {p.accent_fill};
  font-weight: {tokens.SEMIBOLD}; padding: 0 16px; }}
QPushButton[look="primary"]:hover {{ background: {p.accent_hover}; border-color: {p.accent_hover}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {p.text}; padding: 0 15px; }}
QPushButton[look="primary"]:disabled {{ color: {p.faint}; background: {p.neutral_soft}; border-color: {p.neutral_soft}; }}
QPushButton[look="danger"] {{ color: {p.on_accent}; background: {p.bad_fill}; border-color: {p.bad_fill};
  font-weight: {tokens.SEMIBOLD}; }}
QPushButton[look="danger"]:focus {{ border: 2px solid {p.text}; }}
QPushButton[look="danger"]:disabled {{ color: {p.faint}; background: {p.neutral_soft}; border-color: {p.neutral_soft}; }}
QPushButton[look="quiet"], QToolButton[look="quiet"] {{ background: transparent; border-color: transparent; padding: 0 8px; }}
QToolButton[look="quiet"] {{ padding: 0 5px; }}
QPushButton[look="quiet"]:hover, QToolButton[look="quiet"]:hover {{ background: {p.hover}; }}
QPushButton[look="quiet"]:pressed, QToolButton[look="quiet"]:pressed,
QPushButton[look="quiet"]:checked, QToolButton[look="quiet"]:checked {{ background: {p.pressed}; }}
QPushButton[look="quiet"]:focus {{ border: 2px solid {p.accent}; padding: 0 7px; }}
QToolButton[look="quiet"]:focus {{ border: 2px solid {p.accent}; padding: 0 4px; }}
QPushButton[look="quiet"]:disabled, QToolButton[look="quiet"]:disabled {{ background: transparent; border-color: transparent; }}
QPushButton[look="link"] {{ color: {p.accent}; background: transparent; border-color: transparent; padding: 0 4px; }}
QPushButton[look="link"]:hover {{ background: {p.accent_soft}; }}
QPushButton[look="link"]:focus {{ border: 2px solid {p.accent}; padding: 0 3px; }}
"""


def _inputs(p: tokens.Palette, drawn: dict[str, str]) -> str:
    inner = tokens.control_height() - 2
    boxes = "QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateEdit, QDateTimeEdit, QTimeEdit"
    return f"""
{boxes}, QPlainTextEdit, QTextEdit {{
  color: {p.text}; background: {p.field}; border: 1px solid {p.border}; border-radius: {tokens.RADIUS}px;
  selection-background-color: {p.selection}; selection-color: {p.text}; }}
{boxes} {{ padding: 0 8px; min-height: {inner}px; }}
QPlainTextEdit, QTextEdit {{ padding: 4px 5px; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateEdit:focus, QDateTimeEdit:focus, QTimeEdit:focus {{
  border: 2px solid {p.accent}; padding: 0 7px; min-height: {inner - 2}px; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {p.accent}; padding: 3px 4px; }}
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QDateEdit:disabled,
QPlainTextEdit:disabled, QTextEdit:disabled {{ color: {p.secondary}; background: {p.window}; border-color: {p.hairline}; }}
QLineEdit:read-only, QPlainTextEdit[readOnly="true"], QTextEdit[readOnly="true"] {{
  background: {p.window}; border-color: {p.hairline}; }}
QLineEdit[problem="true"], QComboBox[problem="true"], QPlainTextEdit[problem="true"], QTextEdit[problem="true"],
QSpinBox[problem="true"], QDateEdit[problem="true"] {{ border-color: {p.bad}; }}
QLineEdit[problem="clash"], QComboBox[problem="clash"], QPlainTextEdit[problem="clash"], QTextEdit[problem="clash"] {{
  border-color: {p.amber}; }}
QLineEdit[look="bare"], QPlainTextEdit[look="bare"], QLineEdit[look="bare"]:focus, QPlainTextEdit[look="bare"]:focus {{
  background: transparent; border: none; padding: 0; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({drawn["chevron"]}); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {p.raised}; border: 1px solid {p.border}; outline: none;
  selection-background-color: {p.selection}; selection-color: {p.text}; }}
QSpinBox::up-button, QDoubleSpinBox::up-button, QDateEdit::up-button {{ border: none; width: 16px; }}
QSpinBox::down-button, QDoubleSpinBox::down-button, QDateEdit::down-button {{ border: none; width: 16px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({drawn["chevron_up"]}); width: 10px; height: 10px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({drawn["chevron"]}); width: 10px; height: 10px; }}
QDateEdit::drop-down {{ border: none; width: 22px; subcontrol-origin: border; subcontrol-position: center right; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit:focus {{ border: none; padding: 0; min-height: 0; }}
QDateEdit::down-arrow {{ image: url({drawn["chevron"]}); width: 14px; height: 14px; }}
"""


def _boxes(p: tokens.Palette, drawn: dict[str, str]) -> str:
    return f"""
QCheckBox, QRadioButton {{ spacing: 8px; background: transparent; min-height: 22px; }}
QCheckBox::indicator, QRadioButton::indicator, QGroupBox::indicator {{ width: 14px; height: 14px; border: 1px solid {p.faint};
  border-radius: {tokens.RADIUS_SMALL}px; background: {p.field}; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {p.accent}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {p.accent}; width: 12px; height: 12px; }}
QCheckBox::indicator:checked {{ background: {p.accent_fill}; border-color: {p.accent_fill}; image: url({drawn["check"]}); }}
QCheckBox::indicator:indeterminate {{ background: {p.accent_fill}; border-color: {p.accent_fill}; image: url({drawn["minus"]}); }}
QRadioButton::indicator:checked {{ border: 4px solid {p.accent_fill}; width: 8px; height: 8px; background: {p.on_accent}; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {p.faint}; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {p.hairline}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {p.accent_fill}; }}
QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: {p.panel};
  border: 1px solid {p.faint}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {p.accent}; }}
QProgressBar {{ border: none; border-radius: 3px; background: {p.neutral_soft}; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ border-radius: 3px; background: {p.accent_fill}; }}
"""


def _views(p: tokens.Palette, drawn: dict[str, str]) -> str:
    return f"""
QAbstractItemView {{ background: {p.panel}; border: none; outline: none; color: {p.text};
  selection-background-color: {p.selection}; selection-color: {p.text}; gridline-color: {p.hairline};
  alternate-background-color: {p.panel}; }}
QHeaderView {{ background: {p.panel}; border: none; }}
QHeaderView::section {{ background: {p.panel}; color: {p.secondary}; border: none; border-bottom: 1px solid {p.hairline};
  padding: 0 8px; min-height: {tokens.row_height() - 2}px; font-size: {tokens.SMALL}px; }}
QHeaderView::section:hover {{ background: {p.hover}; }}
QTableCornerButton::section {{ background: {p.panel}; border: none; border-bottom: 1px solid {p.hairline}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {p.border}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {p.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {p.hairline}; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ color: {p.secondary}; background: transparent; border: none; border-bottom: 2px solid transparent;
  padding: 0 12px; min-height: {tokens.control_height() - 2}px; }}
QTabBar::tab:hover {{ color: {p.text}; background: {p.hover}; }}
QTabBar::tab:selected {{ color: {p.accent}; border-bottom: 2px solid {p.accent}; }}
QTabBar::tab:focus {{ background: {p.accent_soft}; }}
QMenu {{ background: {p.raised}; border: 1px solid {p.border}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 10px; border-radius: {tokens.RADIUS_SMALL}px; }}
QMenu::item:selected {{ background: {p.selection}; }}
QMenu::item:disabled {{ color: {p.faint}; }}
QMenu::separator {{ height: 1px; background: {p.hairline}; margin: 4px 6px; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::indicator {{ width: 14px; height: 14px; padding-left: 6px; }}
QMenu::indicator:checked {{ image: url({drawn["check_menu"]}); }}
QMenu::right-arrow {{ image: url({drawn["chevron_right"]}); width: 14px; height: 14px; }}
QCalendarWidget QWidget#qt_calendar_navigationbar {{ background: {p.raised}; }}
QCalendarWidget QToolButton {{ background: transparent; border: none; }}
QCalendarWidget QToolButton#qt_calendar_prevmonth {{ qproperty-icon: url({drawn["chevron_left"]}); }}
QCalendarWidget QToolButton#qt_calendar_nextmonth {{ qproperty-icon: url({drawn["chevron_right"]}); }}
QCalendarWidget QAbstractItemView {{ background: {p.raised}; selection-background-color: {p.accent_fill};
  selection-color: {p.on_accent}; }}
"""


def _frames(p: tokens.Palette) -> str:
    return f"""
QFrame[look="panel"] {{ background: {p.panel}; border: 1px solid {p.hairline}; border-radius: {tokens.RADIUS}px; }}
QFrame[look="sheet"] {{ background: {p.panel}; border: none; }}
QFrame[look="raised"] {{ background: {p.raised}; border: 1px solid {p.border}; border-radius: 8px; }}
QFrame[look="well"] {{ background: {p.window}; border: 1px solid {p.hairline}; border-radius: {tokens.RADIUS}px; }}
QFrame[look="rail"] {{ background: {p.rail}; border: none; border-right: 1px solid {p.hairline}; }}
QFrame[look="bar"] {{ background: {p.panel}; border: none; border-bottom: 1px solid {p.hairline}; }}
QFrame[look="foot"] {{ background: {p.panel}; border: none; border-top: 1px solid {p.hairline}; }}
QFrame[look="row"] {{ background: transparent; border: 2px solid transparent; border-radius: {tokens.RADIUS}px; }}
QFrame[look="row"]:hover {{ background: {p.hover}; }}
QFrame[look="row"]:focus {{ border: 2px solid {p.accent}; }}
QFrame[look="section"] {{ background: transparent; border: none; border-bottom: 1px solid {p.hairline}; }}
QFrame[look="drop"] {{ background: {p.accent_soft}; border: 2px dashed {p.accent}; border-radius: {tokens.RADIUS}px; }}
QFrame[look="line"] {{ background: {p.hairline}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[look="line-v"] {{ background: {p.hairline}; border: none; max-width: 1px; min-width: 1px; }}
QFrame[look="bad"] {{ background: {p.bad_soft}; border: 1px solid {p.bad}; border-radius: {tokens.RADIUS}px; }}
QFrame[look="amber"] {{ background: {p.amber_soft}; border: 1px solid {p.amber}; border-radius: {tokens.RADIUS}px; }}
QFrame[look="good"] {{ background: {p.good_soft}; border: 1px solid {p.good}; border-radius: {tokens.RADIUS}px; }}
QFrame[look="accent"] {{ background: {p.accent_soft}; border: 1px solid {p.accent}; border-radius: {tokens.RADIUS}px; }}
QFrame[look="bad"] QLabel {{ color: {p.bad}; }}
QFrame[look="amber"] QLabel {{ color: {p.amber}; }}
QFrame[look="good"] QLabel {{ color: {p.good}; }}
QFrame[look="accent"] QLabel {{ color: {p.accent}; }}
QSplitter::handle {{ background: {p.hairline}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
"""
