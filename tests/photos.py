"""Pictures as a phone sends them."""

import io
from typing import Any

from PIL import Image


def make_photo(form: str = "JPEG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """A picture of one colour as JPEG, PNG or WEBP."""
    made = io.BytesIO()
    Image.new("RGB", size, "orange").save(made, form, **options)
    return made.getvalue()
