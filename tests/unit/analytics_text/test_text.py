"""Words, facts and masks of Chinese text; the cases are in ``cases.yml``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from analytics.text import clean, content_words, extract, fold, mask, segment, tag
from analytics.text.checks import bank_card, id_card, luhn
from analytics.text.words import PIECE

CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text("utf-8"))
LONG = 10_000


@pytest.mark.parametrize("case", CASES["found"], ids=lambda case: case["text"])
def test_finds(case: dict[str, list[list[str]] | str]) -> None:
    text, wanted = str(case["text"]), case["is"]
    kinds = {kind for kind, _ in wanted}
    found = [[e.kind, e.value] for e in extract(text)]
    if "place" not in kinds:
        found = [pair for pair in found if pair[0] != "place"]
    assert found == wanted


@pytest.mark.parametrize("text", CASES["plain"])
def test_leaves_alone(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(("text", "masked"), CASES["masked"])
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("case", CASES["found"], ids=lambda case: case["text"])
def test_masking_twice_is_masking_once(case: dict[str, str]) -> None:
    once = mask(case["text"])
    assert mask(once) == once


@pytest.mark.parametrize("case", CASES["found"], ids=lambda case: case["text"])
def test_places_are_those_of_the_original(case: dict[str, str]) -> None:
    for entity in extract(case["text"]):
        part = fold(case["text"][entity.start : entity.end]).text
        if entity.kind in ("name", "address", "place", "date"):
            assert part == entity.value


@pytest.mark.parametrize(("text", "wanted"), CASES["clean"])
def test_cleaning_keeps_chinese(text: str, wanted: str) -> None:
    # A cleaner that keeps [a-zA-Z0-9] alone, as many do, leaves nothing of these.
    assert clean(text) == wanted
    assert sum(map(_han, clean(text))) > 0


@pytest.mark.parametrize(("text", "wanted"), CASES["words"])
def test_content_words(text: str, wanted: list[str]) -> None:
    assert content_words(text) == wanted


def test_words_are_the_text_and_have_a_part_of_speech() -> None:
    for case in CASES["found"]:
        assert "".join(segment(case["text"])) == case["text"]
        assert all(kind for _, kind in tag(case["text"]))


def test_check_digits() -> None:
    assert luhn("79927398713") and not luhn("79927398710")
    assert id_card("11010519491231002X") and not id_card("110105194912310021")
    assert not id_card("11010519491331002X")
    assert bank_card("6222021234567890128") is luhn("6222021234567890128")


@pytest.mark.parametrize("seed", CASES["hostile"])
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    half = (seed * LONG)[: LONG // 2]
    whole = (seed * LONG)[:LONG]
    extract(half)
    assert _calls(lambda: extract(whole)) <= 2.3 * _calls(lambda: extract(half)) + 3_000


def test_jieba_never_gets_a_long_piece() -> None:
    from analytics.text.words import pieces

    text = CASES["hostile"][3] * LONG
    assert max(map(len, pieces(text))) <= PIECE and "".join(pieces(text)) == text


def test_threads_agree() -> None:
    texts = [case["text"] for case in CASES["found"]] * 4
    alone = [extract(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(extract, texts)) == alone


def test_importing_loads_neither_dictionary_nor_spacy() -> None:
    code = (
        "import sys; import analytics.text as t; t.mask('call 13812345678');"
        "print([m for m in ('spacy', 'jieba') if m in sys.modules])"
    )
    run = [sys.executable, "-c", code]
    root = Path(__file__).parents[3]
    done = subprocess.run(run, capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"


def _calls(work: Callable[[], object]) -> int:
    """Count the calls that some work makes: a measure that no busy machine moves."""
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(step)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def _han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"
