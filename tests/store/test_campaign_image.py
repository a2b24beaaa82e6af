"""What may be uploaded: small pictures that are what they say, under names of ours."""

import struct
import sys
import zlib
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from personalization.exceptions import InvalidInputError
from personalization.store.campaign_image import image_url, is_image_name, store_image


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT, settings.MEDIA_URL = tmp_path, "/media/"
    return tmp_path


def picture(kind, size=(3, 2), **options):
    content = BytesIO()
    Image.new("RGB", size).save(content, kind, **options)
    return content.getvalue()


def code_of(content):
    with pytest.raises(InvalidInputError) as refused:
        store_image(ContentFile(content, "x.png"))
    assert refused.value.field == "image"
    return refused.value.code


@pytest.mark.parametrize(
    ("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif")]
)
def test_pictures_are_kept_under_a_name_of_ours(media, kind, ending):
    name = store_image(ContentFile(picture(kind), "../../evil name.svg"))
    assert is_image_name(name)
    assert name.endswith(f".{ending}")
    assert (media / name).read_bytes() == picture(kind)
    assert image_url(name) == f"/media/{name}"


def test_the_same_picture_twice_is_two_files():
    assert store_image(ContentFile(picture("PNG"))) != store_image(ContentFile(picture("PNG")))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        picture("BMP"),
        picture("TIFF"),
        picture("PNG")[:40],
        picture("JPEG", (500, 500))[:-1000],
        b"GIF89a<script>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    ],
)
def test_what_is_no_whole_picture_is_refused(media, content):
    assert code_of(content) == "not_image"
    assert not list(media.rglob("*.*"))


def test_two_megabytes_and_no_more():
    padded = picture("GIF") + b"\0" * (2 * 1024 * 1024)
    assert code_of(padded) == "too_large"


def test_four_thousand_pixels_and_no_more():
    assert store_image(ContentFile(picture("PNG", (4000, 1))))
    assert code_of(picture("PNG", (4001, 1))) == "too_many_pixels"


def test_a_small_file_that_unpacks_to_gigabytes_is_never_unpacked():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    assert code_of(bomb + chunk(b"IEND", b"")) in {"not_image", "too_many_pixels"}


def test_many_big_frames_are_a_bomb_as_well():
    frames = [Image.new("P", (3000, 3000), color) for color in range(6)]
    content = BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    assert code_of(content.getvalue()) == "too_many_pixels"


def test_without_pillow_uploads_say_what_to_install(monkeypatch):
    content = picture("PNG")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert code_of(content) == "pillow"


def test_no_image_has_no_address(settings):
    assert image_url("") == ""
