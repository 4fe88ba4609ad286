"""GLDF containers (Global Lighting Data Format 1.0): a zip with product.xml, photometries, geometry and images.

Read into plain values; nothing is unpacked to disk, nothing is fetched from the network.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from presales_desktop.lighting import read
from presales_desktop.lighting.errors import LightingError, PhotometryWarning
from presales_desktop.lighting.photometry import Photometry
from presales_desktop.lighting.textfile import parse_number

MAX_BYTES = 100_000_000
MAX_ENTRIES = 2000
MAX_UNPACKED = 300_000_000
MAX_XML = 20_000_000
# A part that unpacks to so many times its size, and is large, was made to fill memory.
_MAX_RATIO = 300
_SMALL = 1_000_000
_FOLDERS = {"ldc": "ldc", "geo": "geo", "image": "image", "document": "doc", "spectrum": "spectrum", "sensor": "sensor"}
_XML = "product.xml"
_LANGUAGES = ("zh", "zh-cn", "en", "de")


@dataclass(frozen=True, slots=True)
class Part:
    """A file that the product names: local (``data`` None if the container lacks it) or elsewhere by its address."""

    id: str
    content_type: str
    name: str
    url: str = ""
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Emitter:
    """One light-emitting part: whose photometry, flux in lm, power in W, colour; None where it is not told."""

    id: str
    photometry: Part | None
    flux_lm: float | None = None
    watts: float | None = None
    cct_k: int | None = None
    ra: int | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """An article: its texts by language and the emitters that it has."""

    id: str
    number: dict[str, str]
    name: dict[str, str]
    description: dict[str, str]
    gtin: str
    emitters: tuple[Emitter, ...]
    images: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """What a container tells of a product; texts by language."""

    manufacturer: str
    format_version: str
    number: dict[str, str]
    name: dict[str, str]
    description: dict[str, str]
    series: tuple[dict[str, str], ...]
    ip_code: str
    ik_code: str
    variants: tuple[Variant, ...]
    emitters: tuple[Emitter, ...]
    images: tuple[Part, ...]
    parts: tuple[Part, ...]

    def photometries(self) -> list[Part]:
        """The photometric files that emitters use and the container holds, each once."""
        found: dict[str, Part] = {}
        for emitter in self.emitters:
            if emitter.photometry is not None and emitter.photometry.data is not None:
                found.setdefault(emitter.photometry.id, emitter.photometry)
        return list(found.values())


def said(texts: dict[str, str], *languages: str) -> str:
    """The text in the first of the languages that it has (default zh, en, de), else in any; "" for none."""
    for language in languages or _LANGUAGES:
        for key, text in texts.items():
            if key.lower() == language and text:
                return text
    return next((text for text in texts.values() if text), "")


def recognises(data: bytes) -> bool:
    """Whether the bytes begin as a zip does."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def read_container(data: bytes, name: str) -> Product:
    """The product in a container's bytes; ``name`` is for errors.

    :raises LightingError: gldf.* with the file, and the line of product.xml where it is at fault
    """
    if len(data) > MAX_BYTES:
        raise LightingError("gldf.too_large", file=name, expected=MAX_BYTES, found=len(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _entries(archive, name)
            if _XML not in entries:
                raise LightingError("gldf.no_product", file=name, expected=_XML)
            xml = _unpacked(archive, entries[_XML], name, MAX_XML)
            root = _parsed(xml, name)
            return _product(root, lambda folder, file: _find(archive, entries, folder, file, name))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise LightingError("gldf.not_a_zip", file=name, reason=str(error)[:80]) from error


def lights(product: Product, name: str) -> list[tuple[Variant, Part, tuple[PhotometryWarning, ...]]]:
    """Which photometric part stands for which article, with doubts; each part once, for the first article that has it.

    Of an article with several emitters (direct and indirect light) the first one's counts.

    :raises LightingError: gldf.no_photometry
    """
    found: list[tuple[Variant, Part, tuple[PhotometryWarning, ...]]] = []
    done: set[str] = set()
    for variant in product.variants:
        lit = [emitter.photometry for emitter in variant.emitters if emitter.photometry is not None]
        if not lit or lit[0].id in done:
            continue
        done.add(lit[0].id)
        more = (PhotometryWarning("gldf.more_emitters", None, {"found": len(lit)}),) if len(lit) > 1 else ()
        found.append((variant, lit[0], more))
    if not found:
        raise LightingError("gldf.no_photometry", file=name)
    return found


def photometry_of(part: Part) -> Photometry:
    """The photometry in a part.

    :raises LightingError: photometry.* with the part's name, gldf.part_missing
    """
    if part.data is None:
        raise LightingError("gldf.part_missing", file=part.name)
    return read.read(part.data, part.name)


def _entries(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise LightingError("gldf.too_many", file=name, expected=MAX_ENTRIES, found=len(infos))
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise LightingError("gldf.bomb", file=name, expected=MAX_UNPACKED)
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0:1]:
            raise LightingError("gldf.path", file=name, found=info.filename[:80])
        if info.file_size > _SMALL and info.file_size > _MAX_RATIO * max(info.compress_size, 1):
            raise LightingError("gldf.bomb", file=name, expected=MAX_UNPACKED, found=info.filename[:80])
        if not info.is_dir():
            entries.setdefault(str(path).lower(), info)
    return entries


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    """At most ``limit`` bytes; the size that the directory claims is not believed."""
    if info.flag_bits & 0x1:
        raise LightingError("gldf.encrypted", file=name, found=info.filename[:80])
    try:
        with archive.open(info) as stream:
            data = stream.read(limit + 1)
    except Exception as error:
        raise LightingError("gldf.damaged", file=name, found=info.filename[:80]) from error
    if len(data) > limit:
        raise LightingError("gldf.bomb", file=name, expected=limit, found=info.filename[:80])
    return data


def _find(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], folder: str, file: str, name: str
) -> bytes | None:
    for path in (f"{folder}/{file}", file):
        info = entries.get(path.replace("\\", "/").lower())
        if info is not None:
            return _unpacked(archive, info, name, MAX_BYTES)
    return None


def _parsed(xml: bytes, name: str) -> Element:
    # GLDF has no document type; entities are only good for blowing up.
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or "<!DOCTYPE".encode("utf-16-le") in xml:
        raise LightingError("gldf.document_type", file=name)
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise LightingError("gldf.not_xml", file=name, line=error.position[0], reason=str(error)[:80]) from error
    except (ValueError, LookupError) as error:
        raise LightingError("gldf.not_xml", file=name, line=1, reason=str(error)[:80]) from error
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    if root.tag != "Root" or root.find("ProductDefinitions") is None:
        raise LightingError("gldf.not_a_product", file=name, expected="Root / ProductDefinitions", found=root.tag[:40])
    return root


def _product(root: Element, find: object) -> Product:
    assert callable(find)
    parts = {part.id: part for part in _parts(root, find)}
    emitters = {emitter.id: emitter for emitter in _emitters(root, parts)}
    meta = root.find("ProductDefinitions/ProductMetaData")
    meta = Element("ProductMetaData") if meta is None else meta
    version = root.find("Header/FormatVersion")
    return Product(
        manufacturer=_text(root, "Header/Manufacturer"),
        format_version=_version(version),
        number=_texts(meta.find("ProductNumber")),
        name=_texts(meta.find("Name")),
        description=_texts(meta.find("Description")),
        series=tuple(_texts(item.find("Name")) for item in meta.findall("ProductSeries/ProductSerie")),
        ip_code=_text(meta, "DescriptiveAttributes/Electrical/IngressProtectionIPCode"),
        ik_code=_text(meta, "DescriptiveAttributes/Mechanical/IKRating"),
        variants=tuple(_variants(root, emitters, parts)),
        emitters=tuple(emitters.values()),
        images=_images(meta, parts),
        parts=tuple(parts.values()),
    )


def _version(element: Element | None) -> str:
    if element is None:
        return ""
    if element.text and element.text.strip():
        return element.text.strip()
    number = f"{element.get('major', '1')}.{element.get('minor', '0')}.0"
    return f"{number}-rc.{element.get('pre-release')}" if element.get("pre-release") else number


def _parts(root: Element, find: object) -> Iterator[Part]:
    assert callable(find)
    for element in root.iterfind("GeneralDefinitions/Files/File"):
        id_, kind = element.get("id", ""), element.get("contentType", "")
        text = (element.text or "").strip()
        if element.get("type") == "url":
            yield Part(id_, kind, PurePosixPath(text).name, url=text)
            continue
        folder = _FOLDERS.get(kind.partition("/")[0], kind.partition("/")[0])
        yield Part(id_, kind, text, data=find(folder, text) if text else None)


def _emitters(root: Element, parts: dict[str, Part]) -> Iterator[Emitter]:
    general = "GeneralDefinitions"
    files: dict[str, Part | None] = {}
    for element in root.iterfind(f"{general}/Photometries/Photometry"):
        reference = element.find("PhotometryFileReference")
        files[element.get("id", "")] = parts.get(reference.get("fileId", "")) if reference is not None else None
    lamps = {element.get("id", ""): element for element in root.iterfind(f"{general}/LightSources/*")}
    equipment = {element.get("id", ""): element for element in root.iterfind(f"{general}/Equipments/Equipment")}
    for element in root.iterfind(f"{general}/Emitters/Emitter"):
        # An emitter of several parts is told by its first.
        inner = next(iter(element), element)
        photometry = inner.find("PhotometryReference")
        worn = inner.find("EquipmentReference")
        gear = equipment.get(worn.get("equipmentId", "")) if worn is not None else None
        lamp = lamps.get(_lamp_id(inner) or (_lamp_id(gear) if gear is not None else ""))
        yield Emitter(
            id=element.get("id", ""),
            photometry=files.get(photometry.get("photometryId", "")) if photometry is not None else None,
            flux_lm=_first(inner, gear, lamp, "RatedLuminousFlux"),
            watts=_first(inner, gear, lamp, "RatedInputPower"),
            cct_k=_whole(lamp, "ColorInformation/CorrelatedColorTemperature", 1000, 40_000),
            ra=_whole(lamp, "ColorInformation/ColorRenderingIndex", 0, 100),
        )


def _lamp_id(element: Element) -> str:
    reference = element.find("LightSourceReference")
    if reference is None:
        return ""
    return reference.get("fixedLightSourceId") or reference.get("changeableLightSourceId") or ""


def _first(inner: Element, gear: Element | None, lamp: Element | None, tag: str) -> float | None:
    for element in (inner, gear, lamp):
        value = _number(_text(element, tag)) if element is not None else None
        if value is not None and value > 0:
            return value
    return None


def _whole(element: Element | None, path: str, low: int, high: int) -> int | None:
    value = _number(_text(element, path)) if element is not None else None
    return round(value) if value is not None and low <= value <= high else None


def _number(text: str) -> float | None:
    return parse_number(text.replace(",", "."))


def _variants(root: Element, emitters: dict[str, Emitter], parts: dict[str, Part]) -> Iterator[Variant]:
    for element in root.iterfind("ProductDefinitions/Variants/Variant"):
        references = [item.get("emitterId", "") for item in element.iter("EmitterReference")]
        yield Variant(
            id=element.get("id", ""),
            number=_texts(element.find("ProductNumber")),
            name=_texts(element.find("Name")),
            description=_texts(element.find("Description")),
            gtin=_text(element, "GTIN"),
            emitters=tuple(emitters[key] for key in dict.fromkeys(references) if key in emitters),
            images=_images(element, parts),
        )


def _images(element: Element, parts: dict[str, Part]) -> tuple[Part, ...]:
    keys = [image.get("fileId", "") for image in element.iterfind("Pictures/Image")]
    return tuple(parts[key] for key in dict.fromkeys(keys) if key in parts)


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def _texts(element: Element | None) -> dict[str, str]:
    if element is None:
        return {}
    found = {item.get("language", ""): " ".join((item.text or "").split()) for item in element.iterfind("Locale")}
    return {language: text for language, text in found.items() if text}
