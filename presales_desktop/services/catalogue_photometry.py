"""Photometric files of products: read, kept once by content, matched to products by model number."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select

from presales_desktop.lighting import gldf, spheres
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.photometry import Photometry as Distribution
from presales_desktop.lighting.read import read
from presales_desktop.models.catalogue import Photometry, Product, Variant
from presales_desktop.models.errors import InputError, PresalesError, UserError
from presales_desktop.services import contents
from presales_desktop.services.catalogue_facts import batches, match_key
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.texts.lighting import WARNINGS
from presales_desktop.texts.lookup import error_text

MEDIA_TYPE = "application/x-photometry"
CURVE_STEP_DEG = 2
_PARTS = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
# Shorter model numbers would be found inside any file name.
_LEAST_INSIDE = 4


@dataclass(frozen=True)
class PhotometryData:
    """A photometric file for the calculation.

    `flux_factor`: what its intensities are multiplied by to give this variant's flux: 1 for the variant's own file, else
    flux of the variant / flux of the file (a product's file stands for all its variants).
    """

    data: bytes
    name: str
    sha256: str
    flux_factor: float = 1.0


@dataclass(frozen=True)
class PhotometryRow:
    """A photometric file as the product's page shows it. `figures`: as `presales lighting photometry`, with "warnings"
    ({code, line, values} each) and "curves" (cd at each 2° of gamma in the half planes C0, C90, C180, C270)."""

    id: UUID
    product_id: UUID
    variant_id: UUID | None
    sku: str
    name: str
    format: str
    sha256: str
    figures: dict[str, Any]
    demo: bool


@dataclass(frozen=True)
class FileResult:
    """What became of one file of a batch: `outcome` matched, unmatched or failed; `code`, `values` and `line` the reason."""

    name: str
    outcome: str
    model_no: str = ""
    product_id: UUID | None = None
    warnings: tuple[dict[str, Any], ...] = ()
    code: str = ""
    line: int | None = None
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PhotometryImport:
    """What a batch of files did."""

    files: tuple[FileResult, ...]

    @property
    def matched(self) -> tuple[FileResult, ...]:
        """Attached to a product."""
        return tuple(f for f in self.files if f.outcome == "matched")

    @property
    def unmatched(self) -> tuple[FileResult, ...]:
        """Readable, but of no known or of several products, or already there."""
        return tuple(f for f in self.files if f.outcome == "unmatched")

    @property
    def failed(self) -> tuple[FileResult, ...]:
        """Unreadable."""
        return tuple(f for f in self.files if f.outcome == "failed")


def parse(data: bytes, name: str) -> Distribution:
    """The distribution in a file's bytes. Pure; raises InputError with the reader's code, file and line."""
    try:
        return read(data, name)
    except LightingError as error:
        raise input_error(error, name) from error


def input_error(error: LightingError, name: str) -> InputError:
    """The reader's complaint with its place, as the program's own kind of error."""
    values = {k: v for k, v in error.values.items() if k not in ("field", "file", "line")}
    return InputError(error.code, field=error.field, file=error.file or name, line=error.line, **values)


def figures_of(distribution: Distribution) -> dict[str, Any]:
    """Key figures, warnings and thin curves, ready to be stored as JSON. Pure."""
    figures = dict(distribution.figures())
    figures["warnings"] = [
        {"code": w.code, "line": w.line, "values": {k: str(v) for k, v in w.values.items()}}
        for w in distribution.warnings
    ]
    # Four planes, not the whole sphere in degrees: of the hundreds of files of a folder only these curves are kept.
    c_deg, gamma_deg, candela = distribution.full()
    degrees = np.arange(0.0, 180.1, CURVE_STEP_DEG)
    figures["curves"] = {
        f"c{plane}": [float(f"{cd:.4g}") for cd in np.interp(degrees, gamma_deg, spheres.plane(c_deg, candela, plane))]
        for plane in (0, 90, 180, 270)
    }
    return figures


def attach(
    work: Work, product_id: UUID, name: str, data: bytes, variant_id: UUID | None = None, *, demo: bool = False
) -> UUID:
    """Attach a file to a product, or to one of its variants. It replaces the one that stood there.

    Raises PermissionDenied (product.edit), InputError photometry.*, UserError catalogue.photometry_there.
    """
    work.require("product.edit")  # before the work of reading it
    return put(work, product_id, name, data, parse(data, name), variant_id, demo=demo)


@dataclass(frozen=True)
class NewFile:
    """A parsed file to be attached to a product, or to one variant of it."""

    product_id: UUID
    name: str
    data: bytes
    distribution: Distribution
    variant_id: UUID | None = None


def put(
    work: Work,
    product_id: UUID,
    name: str,
    data: bytes,
    distribution: Distribution,
    variant_id: UUID | None = None,
    *,
    demo: bool = False,
) -> UUID:
    """`attach` for a file that was parsed before, on another thread."""
    work.require("product.edit")
    product = work.get(Product, product_id)
    if variant_id is not None and work.get(Variant, variant_id).product_id != product_id:
        raise UserError("catalogue.variant_unknown", id=str(variant_id))
    sha256 = hashlib.sha256(data).hexdigest()
    before = work.session.scalars(
        select(Photometry).where(Photometry.product_id == product_id, Photometry.variant_id == variant_id)
    ).all()
    if any(p.sha256 == sha256 for p in before):
        raise UserError("catalogue.photometry_there", file=name, model_no=product.model_no)
    for old in before:
        work.remove(old)
    row_id = add_files(work, [NewFile(product_id, name, data, distribution, variant_id)], demo=demo)[0]
    work.audit(product, "photometry_attached", title=f"{product.model_no} {product.name}", note=PurePath(name).name)
    return row_id


def add_files(work: Work, files: Sequence[NewFile], *, demo: bool = False) -> list[UUID]:
    """Attach files to products that have none yet, without a word in the journal: for new products."""
    hashes = contents.put_blobs(work, [(f.data, f.name) for f in files], MEDIA_TYPE)
    return [
        work.add(
            Photometry(
                product_id=f.product_id,
                variant_id=f.variant_id,
                name=PurePath(f.name).name,
                format=f.distribution.format,
                sha256=sha256,
                figures=figures_of(f.distribution),
                demo=demo,
            )
        ).id
        for f, sha256 in zip(files, hashes, strict=True)
    ]


def detach(work: Work, photometry_id: UUID) -> None:
    """Take a file off its product. Raises PermissionDenied (product.edit), NotFound."""
    work.require("product.edit")
    row = work.get(Photometry, photometry_id)
    product = work.get(Product, row.product_id)
    work.remove(row)
    work.audit(product, "photometry_removed", title=f"{product.model_no} {product.name}", note=row.name)


def rows_of(work: Work, product_id: UUID) -> tuple[PhotometryRow, ...]:
    """A product's files: the one for all variants first."""
    work.require("product.view")
    rows = work.session.execute(
        select(Photometry, Variant.sku)
        .outerjoin(Variant, Variant.id == Photometry.variant_id)
        .where(Photometry.product_id == product_id)
        .order_by(Photometry.variant_id.is_not(None), Variant.sort, Photometry.id)
    )
    return tuple(
        PhotometryRow(p.id, p.product_id, p.variant_id, sku or "", p.name, p.format, p.sha256, p.figures, p.demo)
        for p, sku in rows
    )


def photometry(work: Work, variant_id: UUID) -> PhotometryData | None:
    """The variant's own file, else its product's with the factor to the variant's flux; None where there is neither."""
    return photometries(work, [variant_id]).get(variant_id)


def photometries(work: Work, variant_ids: Iterable[UUID]) -> dict[UUID, PhotometryData]:
    """Files by variant; variants without any on this computer are left out. The bytes of one file are read once."""
    work.require("product.view")
    found: dict[UUID, PhotometryData] = {}
    known: dict[str, bytes] = {}
    for part in batches(variant_ids):
        rows = work.session.execute(
            select(Variant.id, Variant.flux_lm, Photometry)
            .join(Photometry, Photometry.product_id == Variant.product_id)
            .where(Variant.id.in_(part), (Photometry.variant_id == Variant.id) | Photometry.variant_id.is_(None))
            # The variant's own file comes last and wins.
            .order_by(Photometry.variant_id.is_not(None), Photometry.id)
        ).all()
        missing = {p.sha256 for _, _, p in rows} - known.keys()
        known.update(contents.blobs(work, missing))
        for variant_id, flux, p in rows:
            if p.sha256 not in known:
                continue  # the row has come from the server, its file has not
            factor = 1.0 if p.variant_id is not None else _flux_factor(flux, p.figures)
            found[variant_id] = PhotometryData(known[p.sha256], p.name, p.sha256, factor)
    return found


def _flux_factor(flux_lm: int | None, figures: dict[str, Any]) -> float:
    lumens = float(figures.get("lumens") or 0.0)
    return flux_lm / lumens if flux_lm and lumens > 0 else 1.0


def import_photometry(work: Work, files: Sequence[tuple[str, bytes]], *, dry_run: bool = False) -> PhotometryImport:
    """Attach many files to the products they are of: each by the order number or model that its name, its catalog number or
    its luminaire name holds. A file that cannot be used says why and stops no other.

    Raises PermissionDenied (product.edit).
    """
    work.require("product.edit")
    names = _Names(work)
    seen: set[str] = set()
    results = []
    for name, data in files:
        if gldf.recognises(data):
            results += _import_container(work, names, seen, name, data, dry_run)
            continue
        try:
            distribution = parse(data, name)
        except InputError as error:
            results.append(_refused(name, "failed", error))
            continue
        results.append(_import_one(work, names, seen, name, data, distribution, dry_run))
    return PhotometryImport(tuple(results))


def reason_text(result: FileResult) -> str:
    """Why a file was not attached, or the doubts about one that was; "" for neither. In the language of now."""
    if result.code:
        values = dict(result.values)
        error = InputError(result.code, file=values.pop("file", result.name), line=result.line)
        error.values = dict(values)
        return error_text(error)
    return " ".join(warning_text(w) for w in result.warnings)


def warning_text(warning: Mapping[str, Any]) -> str:
    """The sentence of a stored doubt about a photometry, with its line."""
    values = {"line": warning.get("line") or "", **(warning.get("values") or {})}
    code = str(warning.get("code"))
    said = tr(WARNINGS[code]).format_map(values) if code in WARNINGS else code
    if warning.get("line") and str(warning["line"]) not in said:
        return tr("第 {line} 行：{said}", line=warning["line"], said=said)
    return said


def _import_container(
    work: Work, names: _Names, seen: set[str], name: str, data: bytes, dry_run: bool
) -> list[FileResult]:
    """The photometries of a GLDF container, each to the article whose number its variant bears."""
    try:
        product = gldf.read_container(data, name)
        articles = gldf.lights(product, name)
    except LightingError as error:
        return [_refused(name, "failed", input_error(error, name))]
    results = []
    for variant, part, doubts in articles:
        shown = f"{name}/{part.name}"
        hints = (*variant.number.values(), variant.gtin, *variant.name.values())
        hints += (*product.number.values(), *product.name.values(), PurePath(name).stem)
        try:
            distribution = gldf.photometry_of(part)
        except LightingError as error:
            results.append(_refused(shown, "failed", input_error(error, shown)))
            continue
        found = _import_one(work, names, seen, shown, part.data or b"", distribution, dry_run, hints)
        told = tuple({"code": d.code, "line": d.line, "values": dict(d.values)} for d in doubts)
        results.append(replace(found, warnings=(*found.warnings, *told)))
    return results


def _import_one(
    work: Work,
    names: _Names,
    seen: set[str],
    name: str,
    data: bytes,
    distribution: Distribution,
    dry_run: bool,
    hints: Sequence[str] = (),
) -> FileResult:
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in seen:
        return _refused(name, "unmatched", UserError("catalogue.photometry_same_batch", file=name))
    seen.add(sha256)
    hits = names.find(name, distribution, hints)
    if len(hits) != 1:
        code = "catalogue.photometry_ambiguous" if hits else "catalogue.photometry_no_product"
        found = "、".join(hit[2] for hit in hits) or distribution.catalog_number or distribution.luminaire or "—"
        found = " ".join(found.split())
        return _refused(name, "unmatched", UserError(code, file=name, found=found[:200]))
    product_id, variant_id, model_no = hits[0]
    try:
        if not dry_run:
            put(work, product_id, name, data, distribution, variant_id)
    except PresalesError as error:
        return _refused(name, "unmatched", error)
    warnings = tuple(figures_of(distribution)["warnings"])
    return FileResult(name, "matched", model_no, product_id, warnings)


def _refused(name: str, outcome: str, error: PresalesError) -> FileResult:
    values = tuple((k, str(v)) for k, v in {"file": error.file or name, **error.values}.items())
    return FileResult(name, outcome, code=error.code, line=error.line, values=values)


class _Names:
    """Order numbers and models of the catalogue, folded: which of them does a file name hold."""

    def __init__(self, work: Work) -> None:
        self.exact: dict[str, tuple[UUID, UUID | None, str]] = {}
        for product_id, model_no in work.session.execute(select(Product.id, Product.model_no)):
            self.exact[_fold(model_no)] = (product_id, None, model_no)
        rows = work.session.execute(
            select(Variant.id, Variant.sku, Product.id, Product.model_no).join(
                Product, Product.id == Variant.product_id
            )
        )
        for variant_id, sku, product_id, model_no in rows:
            # A product whose order number is its model: the file is for the product.
            self.exact.setdefault(_fold(sku), (product_id, variant_id, model_no))
        self.exact.pop("", None)

    def find(
        self, name: str, distribution: Distribution, hints: Sequence[str] = ()
    ) -> list[tuple[UUID, UUID | None, str]]:
        """Products (or variants) of a file; several when it cannot be told. HINTS: what its container calls it."""
        texts = [*hints, PurePath(name).stem, distribution.catalog_number, distribution.luminaire]
        for text in texts:
            if hit := self.exact.get(_fold(text)):
                return [hit]
        for text in texts:
            inside = self._inside(text)
            if inside:
                return inside
        return []

    def _inside(self, text: str) -> list[tuple[UUID, UUID | None, str]]:
        words = [w for w in _PARTS.split(unicodedata.normalize("NFKC", text).lower()) if w]
        found: dict[str, tuple[UUID, UUID | None, str]] = {}
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + 8) + 1):
                key = "".join(words[start:end])
                if len(key) >= _LEAST_INSIDE and key in self.exact:
                    found[key] = self.exact[key]
        # The longest names what the shorter ones are part of: DL-100 inside DL-100-W.
        longest = [key for key in found if not any(key != other and key in other for other in found)]
        return list({found[key][0]: found[key] for key in longest}.values())


def _fold(text: str) -> str:
    return _PARTS.sub("", match_key(text))
