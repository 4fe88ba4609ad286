"""Pictures of products: limited, re-encoded, in order."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from presales_desktop.models.errors import InputError, PermissionDenied, UserError
from presales_desktop.services import attachments, catalogue
from presales_desktop.services import catalogue_images as images
from tests.services.catalogue_data import Run, make


def picture(
    size: tuple[int, int] = (400, 300), fmt: str = "JPEG", mode: str = "RGB", color: int = 0x3355AA, **save: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, fmt, **save)
    return out.getvalue()


@pytest.mark.parametrize(("fmt", "mode", "kept"), [("JPEG", "RGB", "JPEG"), ("PNG", "RGB", "JPEG"), ("PNG", "RGBA", "PNG"), ("WEBP", "RGB", "JPEG"), ("JPEG", "CMYK", "JPEG")])  # fmt: skip
def test_pictures_are_kept_small_and_in_two_formats(fmt: str, mode: str, kept: str) -> None:
    name, data = images.prepare(picture((3000, 2000), fmt, mode), "灯.old.name")
    made = Image.open(io.BytesIO(data))
    assert (made.format, made.size) == (kept, (1600, 1067))
    assert name.endswith(".png" if kept == "PNG" else ".jpg")


def test_the_camera_s_own_data_is_gone_and_the_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "Camera of a person"
    _, data = images.prepare(picture((400, 300), exif=exif), "a.jpg")
    made = Image.open(io.BytesIO(data))
    assert made.size == (300, 400)
    assert not made.getexif()
    assert b"Camera" not in data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"GIF89a nonsense", "catalogue.image_type"),
        (picture(fmt="GIF", mode="P", color=1), "catalogue.image_type"),
        (picture(fmt="BMP"), "catalogue.image_type"),
        (picture()[:500], "image.unreadable"),
        (picture((9000, 6000), "PNG", "1", 0), "catalogue.image_too_large"),
        (b"\xff\xd8" + b"0" * (images.MAX_BYTES + 1), "catalogue.image_too_large"),
    ],
)
def test_what_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as error:
        images.prepare(data, "x.jpg")
    assert error.value.code == code


@given(st.binary(max_size=200), st.integers(0, 600))
def test_no_file_breaks_the_reader(tail: bytes, cut: int) -> None:
    for good in (picture((40, 30)), picture((40, 30), "PNG"), picture((40, 30), "WEBP")):
        try:
            name, data = images.prepare(good[:cut] + tail, "x")
        except InputError:
            continue
        assert Image.open(io.BytesIO(data)).size == (40, 30)
        assert name


def test_the_first_picture_stands_for_the_product(run: Run) -> None:
    product_id, (first, _) = make(run)
    a = run("technical", images.add_image, product_id, "a.jpg", picture())
    b = run("technical", images.add_image, product_id, "b.jpg", picture(color=0x00FF00))
    rows = run("sales", images.images, product_id)
    assert [r.id for r in rows] == [a, b]
    assert run("sales", catalogue.facts, [first])[first].image_sha256 == rows[0].sha256
    run("technical", images.make_first, b)
    assert [r.id for r in run("sales", images.images, product_id)] == [b, a]
    assert run("sales", catalogue.facts, [first])[first].image_sha256 == rows[1].sha256
    small = run("sales", attachments.thumbnail, rows[0].sha256)
    assert Image.open(io.BytesIO(small)).size == (256, 192)
    run("technical", images.remove_image, b)
    assert [r.id for r in run("sales", images.images, product_id)] == [a]
    assert len(run("sales", images.contents, [rows[0].sha256, "nothing"])) == 1


def test_limits_and_rights(run: Run) -> None:
    product_id, _ = make(run)
    for n in range(images.MAX_IMAGES):
        run("technical", images.add_image, product_id, f"{n}.jpg", picture(color=n))
    with pytest.raises(UserError) as error:
        run("technical", images.add_image, product_id, "more.jpg", picture(color=99))
    assert error.value.code == "catalogue.images_full"
    for service, args in ((images.add_image, (product_id, "a.jpg", picture())), (images.remove_image, (product_id,))):
        with pytest.raises(PermissionDenied):
            run("sales", service, *args)
