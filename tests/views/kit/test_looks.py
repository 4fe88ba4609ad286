"""Colours, icons, formats: contrast in both themes, icons that follow the theme, numbers as people read them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from presales_desktop.models.approvals import CONTRACT_STEPS, QUOTE_STEPS
from presales_desktop.models.credit import EXCEPTION_STEPS
from presales_desktop.models.designs import REVIEW_STEPS
from presales_desktop.paths import resource
from presales_desktop.texts import set_language
from presales_desktop.views.features import FEATURES
from presales_desktop.views.kit import events, icons, theme, tokens
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import icon_button, icon_label, words

VIEWS = Path(__file__).resolve().parents[3] / "presales_desktop" / "views"
WORDS = ("text", "secondary", "faint", "accent", "amber", "good", "bad")
GROUNDS = ("window", "rail", "panel", "raised", "field", "hover", "pressed", "selection")


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication) -> Any:
    yield
    theme.apply(qapp, "light", "comfortable")


@pytest.mark.parametrize("palette", [tokens.LIGHT, tokens.DARK], ids=lambda p: p.name)
def test_every_word_on_every_ground_has_enough_contrast(palette: tokens.Palette) -> None:
    weak = {
        (ink, ground): round(tokens.contrast(getattr(palette, ink), getattr(palette, ground)), 2)
        for ink in WORDS
        for ground in GROUNDS
        if tokens.contrast(getattr(palette, ink), getattr(palette, ground)) < 4.5
    }
    assert weak == {}


@pytest.mark.parametrize("palette", [tokens.LIGHT, tokens.DARK], ids=lambda p: p.name)
def test_chips_and_filled_buttons_have_enough_contrast(palette: tokens.Palette) -> None:
    for tone in ("accent", "amber", "good", "bad"):
        assert tokens.contrast(getattr(palette, tone), getattr(palette, f"{tone}_soft")) >= 4.5, tone
    assert tokens.contrast(palette.secondary, palette.neutral_soft) >= 4.5
    for fill in ("accent_fill", "accent_hover", "bad_fill"):
        assert tokens.contrast(palette.on_accent, getattr(palette, fill)) >= 4.5, fill


def test_contrast_agrees_with_the_known_ends() -> None:
    assert tokens.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert tokens.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_theme_switches_palette_sheet_and_icons_while_running(qapp: QApplication, qtbot: Any) -> None:
    theme.apply(qapp, "light")
    page = QWidget()
    qtbot.addWidget(page)
    picture = icon_label("users")
    picture.setParent(page)
    pressed = icon_button("save", "保存")
    pressed.setParent(page)
    before = (picture.pixmap().cacheKey(), pressed.icon().cacheKey())
    heard: list[bool] = []
    theme.notifier.theme_changed.connect(lambda: heard.append(True))

    theme.apply(qapp, "dark")

    assert tokens.palette().name == "dark"
    assert qapp.palette().window().color() == QColor(tokens.DARK.window)
    assert (picture.pixmap().cacheKey(), pressed.icon().cacheKey()) != before
    assert picture.pixmap().cacheKey() == icons.pixmap("users").cacheKey()
    assert heard == [True]


def test_density_makes_rows_and_controls_lower(qapp: QApplication, qtbot: Any) -> None:
    theme.apply(qapp, "light", "comfortable")
    made = QPushButton("保存")
    qtbot.addWidget(made)
    made.ensurePolished()
    tall = made.sizeHint().height()
    theme.apply(qapp, "light", "compact")
    assert tokens.row_height() == 26
    assert made.sizeHint().height() < tall


def test_bundled_font_is_what_labels_use(qapp: QApplication, qtbot: Any) -> None:
    theme.apply(qapp, "light")
    label = QLabel("照度")
    qtbot.addWidget(label)
    assert label.fontInfo().family() == "Noto Sans SC"
    title = words("照度", "title")
    qtbot.addWidget(title)
    title.ensurePolished()
    assert title.fontInfo().pixelSize() == tokens.TITLE
    assert title.fontInfo().weight() == tokens.SEMIBOLD


def test_every_icon_named_in_the_views_is_shipped() -> None:
    shipped = {path.stem for path in resource("icons").glob("*.svg")}
    calls = re.compile(
        r'(?:icons\.(?:icon|pixmap)|icon_label|icon_button)\(\s*"([a-z0-9-]+)"'
        r'|\bicon="([a-z0-9-]+)"'
    )
    named = {
        (path.name, next(filter(None, found)))
        for path in VIEWS.rglob("*.py")
        for found in calls.findall(path.read_text("utf-8"))
    }
    assert {(file, name) for file, name in named if name not in shipped} == set()
    assert len(named) > 20
    assert {feature.icon for feature in FEATURES} | set(events.KIND_ICONS.values()) <= shipped
    assert {icon for _, icon, _ in events._EVENTS.values()} <= shipped


def test_every_step_of_an_approval_has_a_word() -> None:
    steps = {step for made in (QUOTE_STEPS, CONTRACT_STEPS, REVIEW_STEPS, EXCEPTION_STEPS) for step in made.steps}
    assert {step for step in steps if events.step_word(step) == step} == set()


def test_icons_are_drawn_at_the_screens_own_resolution(qapp: QApplication) -> None:
    sharp = icons.pixmap("users", 16, "text", ratio=1.5)
    assert sharp.width() == 24
    assert sharp.devicePixelRatio() == 1.5


@pytest.mark.parametrize(
    ("fen", "said"), [(1280000, "¥12,800.00"), (-500, "−¥5.00"), (1, "¥0.01"), (0, "¥0.00"), (None, "—")]
)
def test_money(fen: int | None, said: str) -> None:
    assert fmt.money(fen) == said


@given(st.integers(-(10**15), 10**15))
def test_money_loses_no_fen(fen: int) -> None:
    said = fmt.money(fen).replace("¥", "").replace(",", "").replace("−", "-")
    assert Decimal(said) * 100 == fen


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (128_500_000, "¥128.5\u2009万", "¥1.3M"),
        (13_000_000_000, "¥1.3\u2009亿", "¥130M"),
        (99_900, "¥999", "¥999"),
        (1_000_000, "¥1\u2009万", "¥10k"),
    ],
)
def test_money_short_counts_as_each_language_does(fen: int, zh: str, en: str) -> None:
    assert fmt.money_short(fen) == zh
    set_language("en")
    assert fmt.money_short(fen) == en


def test_numbers_carry_separators_units_and_places() -> None:
    assert fmt.number(Decimal("12345.60"), "lm") == "12,345.6\u2009lm"
    assert fmt.number(0.5, places=2) == "0.50"
    assert fmt.number(Decimal("NaN")) == "—"
    assert fmt.lux(301.4) == "301\u2009lx"
    assert fmt.lux(9.94) == "9.9\u2009lx"
    assert fmt.lux(9.96) == "10\u2009lx"
    assert fmt.percent(Decimal("0.235")) == "23.5%"


def test_days_and_moments_in_both_languages() -> None:
    day = dt.date(2026, 11, 23)
    moment = dt.datetime(2026, 11, 23, 2, 32, tzinfo=dt.UTC)
    assert fmt.day(day) == "2026-11-23 周一"
    assert fmt.moment(moment) == "2026-11-23 10:32"
    set_language("en")
    assert fmt.day(day) == "2026-11-23 Mon"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "刚刚"), (5, "5 分钟前"), (120, "今天 08:32"), (60 * 24, "昨天 10:32"), (60 * 24 * 3, "11-20 10:32")],
)
def test_ago(minutes: int, said: str) -> None:
    now = dt.datetime(2026, 11, 23, 2, 32, tzinfo=dt.UTC)
    assert fmt.ago(now - dt.timedelta(minutes=minutes), now) == said


def test_due_days_say_how_late() -> None:
    today = dt.date(2026, 11, 23)
    assert fmt.due(dt.date(2026, 11, 20), today) == ("逾期 3 天", "bad")
    assert fmt.due(today, today) == ("今天", "amber")
    assert fmt.due(dt.date(2026, 11, 27), today) == ("周五", "neutral")
    assert fmt.due(dt.date(2026, 12, 4), today) == ("12-04", "neutral")


def test_viridis_gets_lighter_all_the_way() -> None:
    light = [tokens._luminance(tokens.viridis(i / 50)) for i in range(51)]
    assert light == sorted(light)
    assert tokens.viridis(-1) == tokens.viridis(0)
    assert tokens.viridis(2) == tokens.viridis(1)
