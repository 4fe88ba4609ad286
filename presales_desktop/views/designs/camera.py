"""Plan metres to screen pixels and back: y grows upwards in the plan. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from presales_desktop.services.design_drafts import Point

SMALLEST, LARGEST = 0.5, 4000.0


@dataclass(frozen=True)
class Camera:
    """`scale` px per metre; `x`, `y` the plan point in the middle of a window of width x height px."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 60.0
    width: float = 800.0
    height: float = 600.0

    def to_screen(self, point: Point) -> Point:
        """Pixels of a plan point."""
        return (point[0] - self.x) * self.scale + self.width / 2, self.height / 2 - (point[1] - self.y) * self.scale

    def to_plan(self, point: Point) -> Point:
        """Plan point under a pixel."""
        return (point[0] - self.width / 2) / self.scale + self.x, (self.height / 2 - point[1]) / self.scale + self.y

    def zoomed(self, factor: float, about: Point) -> Camera:
        """Larger or smaller; the plan point under the pixel ABOUT stays there."""
        before = self.to_plan(about)
        made = replace(self, scale=min(LARGEST, max(SMALLEST, self.scale * factor)))
        after = made.to_plan(about)
        return replace(made, x=made.x + before[0] - after[0], y=made.y + before[1] - after[1])

    def panned(self, dx: float, dy: float) -> Camera:
        """Moved by pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y + dy / self.scale)

    def resized(self, width: float, height: float) -> Camera:
        """Another window, the same middle."""
        return replace(self, width=max(width, 1.0), height=max(height, 1.0))

    def fitted(
        self, left: float, bottom: float, right: float, top: float, border: float = 40.0, foot: float = 0.0
    ) -> Camera:
        """All of a box, with a border in px, and FOOT px more below (for the legend)."""
        width, height = max(right - left, 0.5), max(top - bottom, 0.5)
        scale = min((self.width - 2 * border) / width, (self.height - 2 * border - foot) / height)
        scale = min(LARGEST, max(SMALLEST, max(scale, 1.0)))
        return replace(self, x=(left + right) / 2, y=(bottom + top) / 2 - foot / 2 / scale, scale=scale)

    @property
    def visible(self) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) in metres."""
        left, top = self.to_plan((0.0, 0.0))
        right, bottom = self.to_plan((self.width, self.height))
        return left, bottom, right, top

    def grid_step(self, least_px: float = 14.0) -> float:
        """The finest of 1-2-5 steps (m) whose lines stand at least LEAST_PX apart; never below 1 cm."""
        return nice_step(max(least_px / self.scale, 0.01))


def nice_step(least: float) -> float:
    """The smallest of 1, 2, 5 x 10^n that is not below LEAST."""
    exponent = math.floor(math.log10(least))
    for factor in (1.0, 2.0, 5.0, 10.0):
        step = factor * 10.0**exponent
        if step >= least * (1 - 1e-9):
            return step
    raise AssertionError("10 x 10^floor(log10) is never below its argument")
