"""GLDF containers: what is told of a product, and what is refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from presales_desktop.lighting import gldf
from presales_desktop.lighting.errors import LightingError
from presales_desktop.texts.lighting import ERRORS
from tests.lighting import samples

XML = """<?xml version="1.0" encoding="UTF-8"?>
<Root xmlns="urn:gldf"><Header><Manufacturer>Lamp works</Manufacturer><FormatVersion major="1" minor="0" pre-release="3"/></Header>
<GeneralDefinitions><Files>
 <File id="f1" contentType="ldc/eulumdat" type="localFileName">a.ldt</File>
 <File id="f2" contentType="image/png" type="localFileName">a.png</File>
 <File id="f3" contentType="ldc/eulumdat" type="url">https://example.com/b.ldt</File></Files>
 <Photometries><Photometry id="p1"><PhotometryFileReference fileId="f1"/></Photometry>
 <Photometry id="p2"><PhotometryFileReference fileId="f3"/></Photometry></Photometries>
 <LightSources><FixedLightSource id="l1"><RatedInputPower>18.5</RatedInputPower><ColorInformation>
 <ColorRenderingIndex>90</ColorRenderingIndex><CorrelatedColorTemperature>3000</CorrelatedColorTemperature></ColorInformation>
 </FixedLightSource></LightSources>
 <Emitters><Emitter id="e1"><FixedLightEmitter><PhotometryReference photometryId="p1"/><LightSourceReference
 fixedLightSourceId="l1"/><RatedLuminousFlux>1500</RatedLuminousFlux></FixedLightEmitter></Emitter></Emitters>
</GeneralDefinitions><ProductDefinitions><ProductMetaData>
 <ProductNumber><Locale language="en">T-1</Locale></ProductNumber>
 <Name><Locale language="de">Leuchte</Locale><Locale language="zh">筒灯</Locale></Name>
 <Pictures><Image fileId="f2"/></Pictures></ProductMetaData>
 <Variants><Variant id="v1"><ProductNumber><Locale language="en">T-1-W</Locale></ProductNumber><GTIN>123</GTIN>
 <Geometry><EmitterReference emitterId="e1"/></Geometry></Variant></Variants></ProductDefinitions></Root>"""


def container(xml: str | bytes = XML, files: dict[str, bytes] | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if xml:
            archive.writestr("product.xml", xml)
        for name, data in (files if files is not None else {"ldc/a.ldt": samples.ldt(), "image/a.png": b"png"}).items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_a_product_with_its_article() -> None:
    product = gldf.read_container(container(), "t.gldf")
    assert (product.manufacturer, product.format_version) == ("Lamp works", "1.0.0-rc.3")
    assert gldf.said(product.name) == "筒灯"
    assert gldf.said(product.name, "de") == "Leuchte"
    assert [image.data for image in product.images] == [b"png"]
    (variant,) = product.variants
    (emitter,) = variant.emitters
    assert (gldf.said(variant.number), variant.gtin) == ("T-1-W", "123")
    assert (emitter.flux_lm, emitter.watts, emitter.cct_k, emitter.ra) == (1500, 18.5, 3000, 90)
    assert emitter.photometry is not None
    assert gldf.photometry_of(emitter.photometry).luminaire == "Downlight"
    assert [part.name for part in product.photometries()] == ["a.ldt"]
    assert next(part for part in product.parts if part.url).data is None


def test_a_part_that_is_not_there() -> None:
    product = gldf.read_container(container(files={}), "t.gldf")
    photometry = product.emitters[0].photometry
    assert photometry is not None
    assert photometry.data is None
    with pytest.raises(LightingError) as caught:
        gldf.photometry_of(photometry)
    assert (caught.value.code, caught.value.file) == ("gldf.part_missing", "a.ldt")


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Root>&b;</Root>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"nothing of the kind", "gldf.not_a_zip"),
        (container()[:-40], "gldf.not_a_zip"),
        (container(""), "gldf.no_product"),
        (container("<Root><a></Root>"), "gldf.not_xml"),
        (container("<Other/>"), "gldf.not_a_product"),
        (container(BOMB), "gldf.document_type"),
        (container(files={"../../etc/x": b"1"}), "gldf.path"),
        (container(files={"/etc/x": b"1"}), "gldf.path"),
        (container(files={"..\\x": b"1"}), "gldf.path"),
        (container(files={"ldc/a.ldt": b"\0" * 5_000_000}), "gldf.bomb"),
        (container(files={f"doc/{k}": b"" for k in range(2001)}), "gldf.too_many"),
    ],
)
def test_refusals(data: bytes, code: str) -> None:
    with pytest.raises(LightingError) as caught:
        gldf.read_container(data, "t.gldf")
    assert (caught.value.code, caught.value.file) == (code, "t.gldf")


def test_cut_and_garbled_containers_are_refused_or_read() -> None:
    whole = container()
    for at in range(0, len(whole), 37):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        for data in (bytes(damaged), whole[:at]):
            assert _outcome(data) in {"read", *(code for code in ERRORS if code.startswith("gldf."))}


def _outcome(data: bytes) -> str:
    try:
        gldf.read_container(data, "t.gldf")
    except LightingError as error:
        return error.code
    return "read"


def test_which_photometry_stands_for_which_article() -> None:
    ((variant, part, doubts),) = gldf.lights(gldf.read_container(container(), "t.gldf"), "t.gldf")
    assert (variant.id, part.name, doubts) == ("v1", "a.ldt", ())
    twice = XML.replace(
        '<EmitterReference emitterId="e1"/>', '<EmitterReference emitterId="e1"/><EmitterReference emitterId="e2"/>'
    )
    twice = twice.replace(
        "</Emitters>",
        '<Emitter id="e2"><FixedLightEmitter><PhotometryReference photometryId="p2"/></FixedLightEmitter></Emitter></Emitters>',
    )
    ((_, _, doubts),) = gldf.lights(gldf.read_container(container(twice), "t.gldf"), "t.gldf")
    assert [doubt.code for doubt in doubts] == ["gldf.more_emitters"]
    with pytest.raises(LightingError) as caught:
        gldf.lights(gldf.read_container(container(XML.replace('emitterId="e1"', 'emitterId="x"')), "t.gldf"), "t.gldf")
    assert caught.value.code == "gldf.no_photometry"
