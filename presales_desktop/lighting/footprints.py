"""placeholder until tuned"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting.direct import Point3, Source
from presales_desktop.lighting.grids import GridPoints


class Footprints:
    WORTH = 8

    def __init__(self, points: GridPoints, origin_m: Point3) -> None:
        pass

    def of(self, light: Source, *, build: bool) -> npt.NDArray[np.float32] | None:
        return None
