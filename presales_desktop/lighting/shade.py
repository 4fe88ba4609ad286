"""What a room looks like: the radiosity result as colours of its patches, for a picture that can be turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import colour
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.rooms import CEILING, FIRST_WALL, FLOOR, outline
from presales_desktop.lighting.surfaces import Patches

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MOST_BOUNCES = 200
_SETTLED = 1e-4
_SAME_M = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Shaded:
    """Patches with their light; quads run counter-clockwise seen from the lit side.

    ``rgb`` is linear luminance by channel in cd/m2 (white of the screen is the viewer's choice), ``corner_rgb`` the same at the
    quads' corners, smooth within each surface; ``lux`` the illuminance, maintained if the levels were.
    """

    corners_m: Floats  # [p, 4, 3]
    normals: Floats  # [p, 3]
    surface: Ints  # [p], as of Patches
    room: Ints  # [p]
    rgb: Floats  # [p, 3]
    corner_rgb: Floats  # [p, 4, 3]
    lux: Floats  # [p]


def shade(
    exact: ExactRoom,
    colours: Mapping[str, str] | None = None,
    cct_k: Sequence[float | None] | None = None,
    levels: Floats | None = None,
) -> Shaded:
    """The light of a calculated space in colour: E = E0 + F rho E for each of red, green and blue.

    :param exact: with inter-reflection
    :param colours: "ceiling", "walls", "floor", "things" (what stands there) to "#rrggbb"; without one a surface is grey.
        The luminous reflectances stay the room's own.
    :param cct_k: of each luminaire; None: white
    :param levels: of each luminaire, maintenance factor included; None: all at 1
    """
    if exact.transfer is None or exact.patches is None:
        raise ValueError("shading needs inter-reflection")
    patches = exact.transfer.patches
    given = np.ones(len(exact.lights)) if levels is None else levels
    lamps = np.array([colour.light_rgb(t) for t in (cct_k or [None] * len(exact.lights))]).reshape(-1, 3)
    first = (exact.by_luminaire * given[:, None]).T @ lamps
    reflectance = _reflectances(exact, patches, colours or {})
    light = first
    for _ in range(_MOST_BOUNCES):
        after = first + exact.transfer.form_factors @ (reflectance * light)
        settled = float(np.abs(after - light).max()) <= _SETTLED * max(float(after.max()), 1e-12)
        light = after
        if settled:
            break
    rgb = reflectance * light / np.pi
    lux = exact.transfer.total @ (given @ exact.by_luminaire)
    return Shaded(
        corners_m=patches.corners_m,
        normals=patches.normals,
        surface=patches.surface,
        room=patches.room,
        rgb=rgb,
        corner_rgb=_at_corners(patches, rgb),
        lux=lux,
    )


def _reflectances(exact: ExactRoom, patches: Patches, colours: Mapping[str, str]) -> Floats:
    assert exact.transfer is not None
    table = np.repeat(patches.reflectance[:, None], 3, axis=1)
    counts = [FIRST_WALL + len(outline(room)) for room in exact.transfer.space.rooms]
    things = np.array(counts)[patches.room]
    parts = {
        "floor": patches.surface == FLOOR,
        "ceiling": patches.surface == CEILING,
        "walls": (patches.surface >= FIRST_WALL) & (patches.surface < things),
        "things": patches.surface >= things,
    }
    for name, members in parts.items():
        if name in colours:
            for rho in np.unique(patches.reflectance[members]).tolist():
                table[members & (patches.reflectance == rho)] = colour.surface_rgb(colours[name], rho)
    return table


def _at_corners(patches: Patches, rgb: Floats) -> Floats:
    """Means over the patches of one plane that share a corner, by area."""
    count = len(rgb)
    keys = np.column_stack(
        [np.repeat(patches.plane, 4), np.round(patches.corners_m.reshape(-1, 3) / _SAME_M).astype(np.int64)]
    )
    _, index = np.unique(keys, axis=0, return_inverse=True)
    weights = np.repeat(patches.areas_m2, 4)
    size = int(index.max()) + 1
    total = np.bincount(index, weights, size)
    mean = np.column_stack([np.bincount(index, weights * np.repeat(rgb[:, k], 4), size) / total for k in range(3)])
    corners: Floats = mean[index].reshape(count, 4, 3)
    return corners
