"""Photos are known by their content and measured without being decoded; what is none is refused."""

import hashlib
import io
import stat

import pytest
from PIL import Image

from api.photos import MAX_PHOTO_BYTES, find_photo, keep_photo, read_photo
from api.settings import Settings
from keys.errors import RefusedError
from tests.photos import make_photo

MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


@pytest.mark.parametrize("form", MEDIA)
@pytest.mark.parametrize("size", [(40, 30), (1, 700), (3000, 2)])
def test_type_and_size_are_those_that_another_reader_sees(form, size):
    data = make_photo(form, size)
    with Image.open(io.BytesIO(data)) as other:
        assert read_photo(data) == (MEDIA[form], *other.size)


@pytest.mark.parametrize(
    ("form", "options"),
    [("WEBP", {"lossless": True}), ("JPEG", {"progressive": True}), ("JPEG", {"comment": b"x" * 60_000})],
)
def test_the_kinds_of_a_format_are_measured_alike(form, options):
    assert read_photo(make_photo(form, (64, 48), **options)) == (MEDIA[form], 64, 48)


def test_what_a_camera_writes_before_the_picture_is_passed_over():
    exif = Image.Exif()
    exif[0x010F] = "a maker of cameras"
    for form in MEDIA:
        assert read_photo(make_photo(form, (64, 48), exif=exif))[1:] == (64, 48)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9" + bytes(20),
        b"\xff\xd8\xff\xe0\x00\x00" + bytes(20),
        b"\x89PNG\r\n\x1a\n" + bytes(8),
        b"RIFF" + bytes(30),
        b"RIFF\0\0\0\0WEBPVP8Q" + bytes(20),
        make_photo("PNG")[:16] + (40_000).to_bytes(4) + (1).to_bytes(4),
        make_photo("PNG")[:16] + (20_000).to_bytes(4) + (20_000).to_bytes(4),
        make_photo("PNG")[:16] + bytes(8),
    ],
    ids=range(13),
)
def test_what_is_no_photo_is_refused(data):
    with pytest.raises(RefusedError) as refused:
        read_photo(data)
    assert refused.value.code == "photo-refused"


def test_a_photo_of_more_than_five_megabytes_is_refused():
    with pytest.raises(RefusedError) as refused:
        read_photo(make_photo() + bytes(MAX_PHOTO_BYTES))
    assert refused.value.code == "too-large"


def test_it_is_kept_as_it_came_for_its_owner_alone(tmp_path):
    settings = Settings(tmp_path, "sqlite://", "http://localhost", "", is_secure=False)
    data = make_photo()
    sha256 = keep_photo(settings, data)
    assert sha256 == keep_photo(settings, data) == hashlib.sha256(data).hexdigest()
    path = find_photo(settings, sha256)
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(list(settings.mismatch_dir.iterdir())) == 1
