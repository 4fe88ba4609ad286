"""A form shows and writes every type of field, loads without writing, and says what is wrong beside the field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from presales_desktop.models.errors import Problem
from presales_desktop.models.surveys import SPACE_FIELDS
from presales_desktop.models.values import SHANGHAI
from presales_desktop.services import users
from presales_desktop.services.listing import ListQuery
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.form import Form, read_text
from tests.views.kit.samples import FIELDS, Line, Plan

Make = Callable[..., tuple[Form, Draft]]


@pytest.fixture
def make_form(ctx: Any, show: Any, plan_words: None) -> Make:
    def make(value: Plan | None = None, width: int = 900, **more: Any) -> tuple[Form, Draft]:
        draft = Draft(value or Plan())
        form = Form(ctx, draft, FIELDS, "plan", **more)
        show(form, width, 900)
        return form, draft

    return make


def typed(qtbot: Any, widget: Any, text: str) -> None:
    widget.setFocus()
    widget.selectAll()
    if text:
        qtbot.keyClicks(widget, text)
    else:
        qtbot.keyClick(widget, Qt.Key.Key_Delete)


def test_loading_writes_nothing(make_form: Make, ctx: Any, settle: Any) -> None:
    form, draft = make_form(
        Plan(due=dt.date(2026, 11, 30), meet=dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC), notes="a\nb")
    )
    before = draft.snapshot()
    form.load()
    draft.load(draft.snapshot())
    form.commit()
    settle(ctx)
    assert draft.value == before
    assert draft.undo_stack.count() == 0


@pytest.mark.parametrize(
    ("name", "text", "value", "shown"),
    [
        ("name", "Lobby", "Lobby", "Lobby"),
        ("area", "1,280.5", Decimal("1280.5"), "1,280.5"),
        ("area", "2k", Decimal(2000), "2,000"),
        ("count", "12", 12, "12"),
        ("budget", "1280.5", 128050, "1,280.50"),
        ("rate", "6", Decimal("0.06"), "6"),
        ("due", "11-30", dt.date(2026, 11, 30), "2026-11-30 周一"),
        ("due", "+7", dt.date(2026, 11, 30), "2026-11-30 周一"),
        ("meet", "11-30 14:00", dt.datetime(2026, 11, 30, 14, tzinfo=SHANGHAI), "2026-11-30 14:00"),
        ("notes", "two\nlines", "two\nlines", "two\nlines"),
    ],
)
def test_what_is_typed_arrives(make_form: Make, qtbot: Any, name: str, text: str, value: Any, shown: str) -> None:
    form, draft = make_form()
    widget = form.widget(name)
    if name == "notes":
        widget.setFocus()
        widget.insertPlainText(text)
    else:
        typed(qtbot, widget, text)
    form.widget("name" if name != "name" else "area").setFocus()
    assert draft.get(name) == value
    assert type(draft.get(name)) is type(value)
    assert (widget.toPlainText() if name == "notes" else widget.text()) == shown


def test_emptying_a_field_is_no_value(make_form: Make, qtbot: Any) -> None:
    form, draft = make_form()
    for name in ("area", "count", "budget", "rate"):
        typed(qtbot, form.widget(name), "")
    form.commit()
    assert (draft.value.area, draft.value.count, draft.value.budget, draft.value.rate) == (None, None, None, None)


def test_choices_flags_and_pills(make_form: Make, qtbot: Any) -> None:
    form, draft = make_form()
    box = form.widget("importance")
    assert [box.itemText(i) for i in range(box.count())] == ["高", "普通"]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert draft.value.importance == "high"
    qtbot.keyClick(form.widget("vip"), Qt.Key.Key_Space)
    assert draft.value.vip is True
    pills = form.widget("tags").findChildren(QToolButton)
    assert [(p.text(), p.isChecked()) for p in pills] == [("家居", False), ("酒店", True), ("办公", False)]
    pills[0].click()
    assert draft.value.tags == ["home", "hotel"]
    draft.undo_stack.undo()
    assert [p.isChecked() for p in pills] == [False, True, False]


def test_the_wheel_does_not_change_a_choice(make_form: Make) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    form, draft = make_form()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(form.widget("importance"), event)
    assert draft.value.importance == "normal"


def test_a_colleague_is_found_by_typing(make_form: Make, qtbot: Any, run: Any) -> None:
    form, draft = make_form()
    picker = form.widget("owner_id")
    picker.setFocus()
    qtbot.keyClicks(picker, "liqiang")
    qtbot.waitUntil(lambda: picker.popup.is_open and picker.popup.count() == 1)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    liqiang = run("admin", users.resolve, "liqiang")
    assert draft.value.owner_id == liqiang
    assert picker.text() == "李强"
    picker.selectAll()
    qtbot.keyClick(picker, Qt.Key.Key_Delete)
    form.widget("name").setFocus()
    assert draft.value.owner_id is None
    draft.undo_stack.undo()
    qtbot.waitUntil(lambda: picker.text() == "李强")


def test_unreadable_text_stays_visible_and_blocks_saving(make_form: Make, qtbot: Any) -> None:
    form, draft = make_form()
    typed(qtbot, form.widget("area"), "large")
    form.widget("name").setFocus()
    assert draft.value.area == Decimal("128.5")
    assert form.widget("area").text() == "large"
    assert form.boxes["area"].problem == "面积应为数字，现在是“large”。"
    assert [p.field for p in form.local_problems()] == ["area"]
    typed(qtbot, form.widget("area"), "12")
    assert form.local_problems() == []
    assert form.boxes["area"].problem == ""


def test_typing_is_one_step_and_ctrl_z_is_the_pages(make_form: Make, qtbot: Any) -> None:
    form, draft = make_form()
    edit = form.widget("name")
    edit.setFocus()
    edit.end(False)
    qtbot.keyClicks(edit, "abc")
    assert draft.undo_stack.count() == 1
    form.widget("area").setFocus()
    edit.setFocus()
    qtbot.keyClicks(edit, "d")
    assert draft.undo_stack.count() == 2
    draft.undo_stack.undo()
    assert edit.text() == "古镇酒店大堂abc"


def test_problems_stand_beside_their_fields_and_go_with_the_next_change(make_form: Make, qtbot: Any) -> None:
    form, _draft = make_form()
    form.set_problems(
        [Problem("field.required", "name"), Problem("field.low", "area", {"low": "0"}), Problem("x", "other")]
    )
    assert form.boxes["name"].problem == "名称不能为空，请填写。"
    assert form.widget("name").property("problem") == "true"
    typed(qtbot, form.widget("name"), "x")
    assert form.boxes["name"].problem == ""
    assert form.boxes["area"].problem == "面积不能小于 0。"
    form.set_problems([])
    assert form.boxes["area"].problem == ""


def test_read_only_is_text_not_grey_boxes(make_form: Make, qtbot: Any, run: Any) -> None:
    wangmin = run("admin", users.resolve, "wangmin")
    form, _draft = make_form(Plan(owner_id=wangmin, due=dt.date(2026, 11, 30)))
    form.set_read_only(True)
    assert not form.widget("name").isVisible()

    def text(name: str) -> str:
        return str(form.findChild(QLabel, f"plan.{name}.text").text())

    qtbot.waitUntil(lambda: text("owner_id") == "王敏")
    assert text("area") == "128.5\u2009m²"
    assert text("budget") == "¥1,280,000.00"
    assert text("rate") == "13\u2009%"
    assert text("due") == "2026-11-30 周一"
    assert text("importance") == "普通"
    assert text("tags") == "酒店"
    assert text("vip") == "否"
    assert text("notes") == "—"
    form.set_read_only(False)
    assert form.widget("name").isVisible()
    assert not form.widget("number").isVisible()  # read_only by declaration


def test_what_the_user_may_not_see_is_not_there(make_ctx: Any, qtbot: Any, plan_words: None) -> None:
    for who, there in (("sales", False), ("finance", True)):
        form = Form(make_ctx(who), Draft(Plan()), FIELDS, "plan")
        qtbot.addWidget(form)
        assert ("cost" in form.boxes) is there


def test_two_columns_become_one_when_narrow(make_form: Make, qtbot: Any) -> None:
    form, _draft = make_form(width=900)
    assert (
        form.boxes["importance"].x() > form.boxes["name"].x() or form.boxes["importance"].y() > form.boxes["name"].y()
    )
    wide = {box.x() for box in form.boxes.values()}
    form.resize(380, 1400)
    qtbot.waitUntil(lambda: len({box.x() for box in form.boxes.values()}) == 1)
    assert len(wide) == 2


def test_labels_hints_and_names_for_readers(make_form: Make) -> None:
    form, _draft = make_form()
    assert form.widget("name").accessibleName() == "名称（必填）"
    assert form.widget("area").toolTip() == "净面积，不含公摊"
    assert form.widget("area").objectName() == "plan.area"


def test_a_hidden_field_leaves_no_gap(make_form: Make) -> None:
    form, _draft = make_form()
    form.set_visible("area", False)
    assert not form.boxes["area"].isVisible()
    form.set_visible("area", True)
    assert form.boxes["area"].isVisible()


def test_a_form_of_a_part_follows_its_row(make_form: Make, ctx: Any, qtbot: Any, plan_words: None) -> None:
    from presales_desktop.models.fields import Field, FieldType

    draft = Draft(Plan(lines=[Line(name="a"), Line(name="b")]))
    form = Form(ctx, draft, (Field("name", FieldType.TEXT),), "plan", prefix="lines.1.")
    qtbot.addWidget(form)
    assert form.widget("name").text() == "b"
    draft.move("lines", 1, 0)
    assert form.widget("name").text() == "a"
    draft.remove("lines", 1)
    assert form.owns("lines.1.name")
    assert not form.owns("lines.0.name")


def test_a_missing_day_is_picked_from_the_month(make_form: Make, qtbot: Any) -> None:
    form, draft = make_form()
    edit = form.widget("due")
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    month = form.window().findChild(QWidget, "popup.calendar")
    assert month.isVisible()
    qtbot.keyClick(month.grid, Qt.Key.Key_Down)
    qtbot.keyClick(month.grid, Qt.Key.Key_Right)
    qtbot.keyClick(month.grid, Qt.Key.Key_Return)
    assert draft.value.due == dt.date(2026, 12, 1)
    assert edit.hasFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert draft.value.due == dt.date(2026, 11, 30)


def test_users_are_offered_while_active_only(make_form: Make, qtbot: Any, run: Any, ctx: Any) -> None:
    page = run("admin", users.list_rows, ListQuery(filters=(("active", "true"),)))
    form, _draft = make_form()
    picker = form.widget("owner_id")
    picker.setFocus()
    picker.look_up()
    qtbot.waitUntil(lambda: picker.popup.count() == page.total)
    qtbot.keyClick(picker, Qt.Key.Key_Escape)
    assert not picker.popup.is_open


def test_a_text_with_words_for_its_values_is_read_as_the_word() -> None:
    room_type = next(f for f in SPACE_FIELDS if f.name == "room_type")
    assert read_text("survey_space", room_type, "office") not in ("", "office")
    assert read_text("survey_space", room_type, "茶室") == "茶室"
