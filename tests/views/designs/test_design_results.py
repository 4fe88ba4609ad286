"""What the editor says of a room beyond its heat map: glare, standard, surroundings, price, isolines; all of it can be undone."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from presales_desktop.models import standards
from tests.views.designs.test_design_editor import Hand, hand, opened, with_room, world  # noqa: F401


def office(hand: Hand):  # noqa: F811
    key = with_room(hand, "4x3")
    document = hand.document
    document.apply("", {key: replace(document.part(key), room_type="office")})  # type: ignore[type-var]
    document.select([key])
    hand.canvas.use_tool("array")
    hand.type("2x2")
    document.select([key])
    return key


def test_glare_follows_the_light_and_the_standard_can_be_chosen(hand: Hand) -> None:  # noqa: F811
    key = office(hand)
    light = hand.page.light
    hand.qtbot.waitUntil(
        lambda: not light.detailing and key in light.lights and bool(light.lights[key].details), timeout=60000
    )
    assert light.verdicts[key].check("ugr").value is not None  # type: ignore[union-attr]
    result = hand.page.properties.room.result
    source = result.findChild(QLabel, "design.result.source")
    assert source is not None
    hand.qtbot.waitUntil(lambda: "5.3.2" in source.text(), timeout=20000)
    hand.document.set_head(standard=standards.EN)
    hand.qtbot.waitUntil(lambda: "34.2" in source.text(), timeout=60000)
    assert light.verdicts[key].target_lux == 500
    hand.document.undo_stack.undo()
    hand.qtbot.waitUntil(lambda: "5.3.2" in source.text(), timeout=60000)


def test_a_room_s_surroundings_change_its_light_in_one_step(hand: Hand) -> None:  # noqa: F811
    key = office(hand)
    before = hand.average(key)
    fields = hand.page.properties.room._surfaces.fields
    choice = fields["environment"]
    choice.setCurrentIndex(choice.findData("dirty"))  # type: ignore[union-attr]
    choice.activated.emit(choice.currentIndex())  # type: ignore[union-attr]
    after = hand.average(key)
    factor = hand.page.light.lights[key].factor
    assert abs(after / before - factor / 0.8) < 0.01
    hand.document.undo_stack.undo()
    assert abs(hand.average(key) - before) < 0.5
    hand.key(Qt.Key.Key_I)
    hand.key(Qt.Key.Key_N)
    assert (hand.canvas.switches.isolines, hand.canvas.switches.values) == (True, True)
    hand.canvas.grab()
