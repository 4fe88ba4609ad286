"""The light that the editor shows: rooms as they were last calculated, their verdicts, and the colour scale."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, Signal

from presales_desktop.models.standards import RoomVerdict
from presales_desktop.services.design_light import RoomDetails, RoomLight, verdicts, with_details
from presales_desktop.views.designs import heat
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.designs.light_feed import LightFeed


class LightState(QObject):
    """`updated(rooms)` whenever light arrived (a set of room ids), `settled` when nothing is left to calculate.

    Details (glare, task areas …) follow shortly after a drag; until then `lights[room].details` is None and `verdicts[room].pending`
    says so. `details_of` keeps the last known ones for the picture.
    """

    updated = Signal(object)
    settled = Signal()
    failed = Signal(object)

    def __init__(self, document: PlanDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.lights: dict[UUID, RoomLight] = {}
        self.verdicts: dict[UUID, RoomVerdict] = {}
        self.upper = 500.0
        self._details: dict[UUID, RoomDetails] = {}
        self._feed = LightFeed(self)
        self._feed.lit.connect(self._take)
        self._feed.settled.connect(self._settle)
        self._feed.detailed.connect(self._take_details)
        self._asked = self._shown = 0
        self._feed.failed.connect(self.failed)
        document.changed.connect(lambda _: self.refresh())
        document.replaced.connect(self.refresh)

    def refresh(self) -> None:
        """Calculate what is shown now."""
        self._asked = self._feed.show(self.document.scene())

    @property
    def busy(self) -> bool:
        """Whether what is shown is not yet the light of what is drawn."""
        return self._shown < self._asked

    @property
    def detailing(self) -> bool:
        """Whether glare and the like are still to come."""
        return self.busy or self._feed.detailing

    def close(self) -> None:
        """Stop the light thread."""
        self._feed.close()

    def _take(self) -> None:
        ready = self._feed.take()
        known = {r.id for r in self.document.rooms()}
        self.lights.update({k: self._whole(v) for k, v in ready.items() if k in known})
        for gone in set(self.lights) - known:
            del self.lights[gone]
        self._judge()
        if not self.document.previewing():
            self._scale()
        self.updated.emit(set(ready))

    def _whole(self, light: RoomLight) -> RoomLight:
        found = self._details.get(light.room_id)
        return with_details(light, found) if found is not None and found.stamp == light.stamp else light

    def _take_details(self) -> None:
        ready = self._feed.take_details()
        self._details.update(ready)
        for key in ready:
            if key in self.lights:
                self.lights[key] = self._whole(self.lights[key])
        self._judge()
        self.updated.emit(set(ready))

    def details_of(self, room_id: UUID) -> RoomDetails | None:
        """The last details of a room, perhaps of a light that has moved on since."""
        return self._details.get(room_id)

    def _settle(self, generation: int) -> None:
        self._shown = max(self._shown, generation)
        self._take()
        self.settled.emit()

    def _judge(self) -> None:
        self.verdicts = verdicts(self.document.rooms(), self.lights, self.document.head.standard)

    def _scale(self) -> None:
        """The scale stands still while something is dragged: colours would flicker otherwise."""
        targets = [v.target_lux for v in self.verdicts.values() if v.target_lux]
        highest = [light.lux.average_lux * 1.5 for light in self.lights.values() if light.lux]
        self.upper = heat.upper_of(targets, highest)

    def lux_at(self, x: float, y: float) -> float | None:
        """Lux on the plane of the room at a point of the plan; None where there is no light."""
        room = self.document.room_at(x, y)
        light = self.lights.get(room.id) if room is not None and room.id is not None else None
        return heat.value_at(light.lux, x, y) if light is not None and light.lux is not None else None
