"""Pictures made to break a decoder: each is refused with a reason or drawn anew."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.conversations import open_conversation
from aftercare.services.files import FORMATS, store_picture

pytestmark = [
    pytest.mark.parametrize("empty", ["sqlite"], indirect=True),
    # The library says of bad EXIF what it passes over.
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
]
# A PNG's longest side, and what is more than the library itself would open.
SIDES = (7_000, 15_000, 60_000, 2**31 - 1)


def png(side: int) -> bytes:
    """Return a hundred bytes that claim a square of `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return (
            struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def small(form: str) -> bytes:
    picture = Image.new("RGB", (40, 30), "red")
    out = io.BytesIO()
    if form == "GIF":
        picture.save(out, form)
    else:
        exif = picture.getexif()
        exif[0x0112] = 6
        picture.save(out, form, exif=exif)
    return out.getvalue()


def spoiled(raw: bytes, pick: random.Random) -> bytes:
    """Change some bytes, most of them near the head, or cut the end off."""
    data = bytearray(raw)
    for _ in range(pick.choice((1, 1, 2, 8))):
        near = pick.random() < 0.6
        place = pick.randrange(min(120, len(data)) if near else len(data))
        data[place] = pick.randrange(256)
    return bytes(data[: pick.randrange(len(data))] if pick.random() < 0.2 else data)


def refused(engine: Engine, folder: Path, talk: str, raw: bytes) -> Reason | None:
    try:
        store_picture(engine, folder, talk, raw, datetime.now(UTC))
    except AftercareError as error:
        return error.reason
    return None


@pytest.mark.parametrize("side", SIDES)
def test_a_picture_that_claims_too_much_is_too_large(
    empty: Engine, tmp_path: Path, side: int
) -> None:
    talk = open_conversation(empty, None)
    assert len(png(side)) < 200
    assert refused(empty, tmp_path, talk, png(side)) is Reason.FILE_TOO_LARGE
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_a_spoiled_picture_is_refused_with_a_reason(
    empty: Engine, tmp_path: Path, form: str
) -> None:
    pick = random.Random(20261126)
    seen: Counter[Reason | None] = Counter()
    raw = small(form)
    talk = open_conversation(empty, None)
    for _ in range(400):
        found = refused(empty, tmp_path, talk, spoiled(raw, pick))
        if found is Reason.TOO_MANY_MESSAGES:
            talk, found = open_conversation(empty, None), None
        seen[found] += 1
    usual = {None, Reason.FILE_NOT_AN_IMAGE, Reason.FILE_TOO_LARGE}
    assert set(seen) <= usual and seen[Reason.FILE_NOT_AN_IMAGE]
