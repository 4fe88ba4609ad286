"""Radiance as judge: our rooms and luminaires as its scenes, illuminance at points by backward ray tracing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.rooms import Room, ceiling_at, outline, ring
from presales_desktop.lighting.write import write_ies

Floats = npt.NDArray[np.float64]

# Each point by itself (-aa 0), many bounces, rays ended by chance alone (-lr below 0): unbiased, noise some tenths of a percent.
OPTIONS = ["-I", "-h", "-ab", "8", "-aa", "0", "-ad", "4096", "-as", "0", "-lr", "-10", "-lw", "1e-4"]
SOURCES = ["-dt", "0", "-dc", "1", "-ds", "0.01", "-dj", "0", "-st", "0"]
OPTIONS += SOURCES
# The luminaires' own light and nothing left to chance.
DIRECT = ["-I", "-h", "-ab", "0", *SOURCES]


def folder() -> Path | None:
    """Where pyradiance keeps the programs; None where it is not installed."""
    try:
        import pyradiance
    except ImportError:
        return None
    return Path(pyradiance.__file__).parent


def lux(
    room: Room,
    luminaires: list[LuminaireInput],
    points: Floats,
    normals: Floats,
    work: Path,
    options: Sequence[str] = (),
) -> Floats:
    """Illuminance in lx before maintenance, as Radiance has it; ``options`` in place of OPTIONS."""
    home = folder()
    assert home is not None
    env = {**os.environ, "RAYPATH": f".:{home / 'lib'}", "PATH": f"{home / 'bin'}:{os.environ['PATH']}"}

    def run(*command: str, stdin: str = "") -> str:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=env, cwd=work, check=False)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    text = surfaces(room)
    names: dict[int, str] = {}
    for luminaire in luminaires:
        photometry = luminaire.photometry
        if id(photometry) not in names:
            name = f"p{len(names)}"
            (work / f"{name}.ies").write_bytes(write_ies(photometry))
            run("ies2rad", "-dm", "-t", "white", "-c", "1", "1", "1", "-o", name, f"{name}.ies")
            names[id(photometry)] = name
        turn = ["-ry", f"{-luminaire.tilt_deg:g}", "-rz", f"{luminaire.rotation_deg:g}"]
        place = [f"{value:g}" for value in luminaire.position_m]
        text += run("xform", *turn, "-t", *place, f"{names[id(photometry)]}.rad")
    (work / "scene.rad").write_text(text)
    with (work / "scene.oct").open("wb") as stream:
        subprocess.run(["oconv", "scene.rad"], stdout=stream, env=env, cwd=work, check=True, stderr=subprocess.DEVNULL)
    asked = "\n".join(" ".join(f"{v:.6f}" for v in row) for row in np.hstack([points, normals]))
    answer = run("rtrace", *(options or OPTIONS), "-n", "2", "scene.oct", stdin=asked + "\n")
    rgb = np.array([[float(v) for v in line.split()] for line in answer.splitlines() if line.strip()])
    return np.asarray(179.0 * (rgb @ np.array([0.265, 0.670, 0.065])))


def surfaces(room: Room) -> str:
    """The room as matt polygons."""
    light = room.reflectance
    parts = [_matt("floor", light.floor), _matt("roof", light.ceiling), _matt("wall", light.walls)]
    corners = outline(room)
    heights = ceiling_at(room, *corners.T)
    floor = shapely.Polygon(corners)
    parts.append(_polygon("floor", "floor.0", np.column_stack([corners, np.zeros(len(corners))])))
    parts.append(_polygon("roof", "roof.0", np.column_stack([corners, heights])))
    for k, (a, b) in enumerate(zip(corners, np.roll(corners, -1, axis=0), strict=True)):
        high = heights[k], heights[(k + 1) % len(corners)]
        parts.append(_polygon("wall", f"wall.{k}", np.array([[*a, 0], [*b, 0], [*b, high[1]], [*a, high[0]]])))
    for j, item in enumerate(room.obstructions):
        parts.append(_matt(f"thing{j}", item.reflectance))
        foot = ring(tuple(shapely.Polygon(item.polygon_m).intersection(floor).exterior.coords)[:-1])
        top = room.height_m if item.top_m is None else item.top_m
        for height in {item.bottom_m, top}:
            flat = np.column_stack([foot, np.full(len(foot), height)])
            parts.append(_polygon(f"thing{j}", f"thing{j}.{height:g}", flat))
        for k, (a, b) in enumerate(zip(foot, np.roll(foot, -1, axis=0), strict=True)):
            side = np.array([[*a, item.bottom_m], [*b, item.bottom_m], [*b, top], [*a, top]])
            parts.append(_polygon(f"thing{j}", f"thing{j}.side{k}", side))
    return "\n".join(parts) + "\n"


def _matt(name: str, reflectance: float) -> str:
    return f"void plastic {name}\n0\n0\n5 {reflectance} {reflectance} {reflectance} 0 0\n"


def _polygon(material: str, name: str, corners: Floats) -> str:
    values = " ".join(f"{value:.6f}" for value in corners.ravel())
    return f"{material} polygon {name}\n0\n0\n{corners.size} {values}\n"
