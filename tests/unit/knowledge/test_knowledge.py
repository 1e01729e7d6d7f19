"""The loop of the knowledge base, from a question in vain to a live answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, func, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import load_law, load_rules
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import open_conversation
from aftercare.services.knowledge import answers
from aftercare.services.knowledge.answers import (
    Librarian,
    note_helpful,
    note_use,
    served,
)
from aftercare.services.knowledge.articles import (
    Article,
    approve,
    listed,
    propose,
    retire,
    versions,
)
from aftercare.services.knowledge.faults import faults
from aftercare.services.knowledge.gaps import draft_gaps
from aftercare.services.knowledge.seed import seeded
from aftercare.store.knowledge import ArticleUseRow
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read, write

SOURCE = Path(__file__).with_name("words.yml")
WORDS: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
ANNA = Actor(1, "anna", "Anna", "agent")
BORIS = Actor(2, "boris", "Boris", "supervisor")


def asked(shop: Engine, now: datetime, text: str) -> tuple[str, int]:
    talk = open_conversation(shop, None)
    with write(shop) as session:
        session.add(
            MessageRow(
                conversation_id=talk, seq=1, sender="customer", text=text, at=now
            )
        )
    return talk, note_use(shop, talk, 1, "ask_product_usage", None, now)


@pytest.fixture(autouse=True)
def looks_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LOOK_EVERY_S", 0.0)


def test_the_seed_is_large_and_whole() -> None:
    articles = seeded()
    assert len(articles) >= 150
    assert len({a.key for a in articles}) == len(articles)
    assert all(a.title and a.questions and a.body for a in articles)


def test_the_seed_claims_what_the_rules_say(shop: Engine, now: datetime) -> None:
    assert faults(shop, load_rules(), now) == []


def test_a_change_of_the_rules_shows_which_articles_are_wrong(
    shop: Engine, now: datetime
) -> None:
    # Without the merchant's own longer terms the shop's promises are too good.
    found = faults(shop, load_law(), now)
    assert {"wrong-item", "warranty-shoes"} <= {fault["key"] for fault in found}
    wrong = next(fault for fault in found if fault["key"] == "warranty-shoes")
    assert (wrong["kind"], wrong["says"], wrong["holds"]) == ("contradicts", 90, 0)


def test_an_article_answers_and_a_strange_question_gets_none(
    shop: Engine, now: datetime
) -> None:
    librarian = Librarian(shop)
    found = librarian.find(WORDS["question"], now, intent="ask_return_shipping")
    assert found is not None and found.key == "return-freight-who"
    assert librarian.find(WORDS["strange"], now) is None


def test_a_draft_is_not_told_until_somebody_approves_it(
    shop: Engine, now: datetime
) -> None:
    librarian = Librarian(shop)
    assert librarian.find(WORDS["title"], now) is None
    made = propose(
        shop,
        ANNA,
        Article("gift-wrap", WORDS["title"], (), WORDS["body"]),
        now,
    )
    assert librarian.find(WORDS["title"], now) is None
    approve(shop, BORIS, "gift-wrap", made["version"], now)
    found = librarian.find(WORDS["title"], now)
    assert found is not None and (found.body, found.version) == (WORDS["body"], 1)
    with pytest.raises(AftercareError) as refused:
        approve(shop, BORIS, "gift-wrap", 1, now)
    assert refused.value.reason is Reason.CHANGED_MEANWHILE


def test_a_new_version_takes_the_place_of_the_old(shop: Engine, now: datetime) -> None:
    key = "return-freight-who"
    propose(shop, ANNA, Article(key, WORDS["title"], (), WORDS["body"]), now)
    approve(shop, BORIS, key, 2, now)
    assert [v["state"] for v in versions(shop, key)] == ["live", "retired"]
    retire(shop, BORIS, key, 2, now)
    assert key not in {a["key"] for a in listed(shop, state="live")}


def test_dates_are_kept_and_an_old_answer_is_flagged(
    shop: Engine, now: datetime
) -> None:
    soon = now + timedelta(days=1)
    article = Article(
        "gift-wrap", WORDS["title"], (), WORDS["body"], valid_from=now, valid_to=soon
    )
    propose(shop, ANNA, article, now)
    approve(shop, BORIS, "gift-wrap", 1, now)
    assert Librarian(shop).find(WORDS["title"], now) is not None
    assert Librarian(shop).find(WORDS["title"], soon) is None
    assert [f["kind"] for f in faults(shop, load_rules(), soon)] == ["past"]


@pytest.mark.parametrize(
    "article",
    [
        Article("k", "", (), "body"),
        Article("k", "t" * 81, (), "body"),
        Article("k", "t", (), "b" * 2_001),
        Article("k", "t", ("q" * 201,), "b"),
    ],
)
def test_a_text_without_measure_is_refused(
    shop: Engine, now: datetime, article: Article
) -> None:
    with pytest.raises(AftercareError) as refused:
        propose(shop, ANNA, article, now)
    assert refused.value.reason is Reason.MALFORMED


def test_a_verdict_counts_for_one_s_own_talk_alone(shop: Engine, now: datetime) -> None:
    librarian = Librarian(shop)
    found = librarian.find(WORDS["question"], now, intent="ask_return_shipping")
    talk, other = open_conversation(shop, None), open_conversation(shop, None)
    use = note_use(shop, talk, 1, "ask_return_shipping", found, now)
    with pytest.raises(AftercareError):
        note_helpful(shop, other, use, False)
    note_helpful(shop, talk, use, True)
    note_helpful(shop, talk, use, False)
    counts = served(shop, now - timedelta(days=1))
    assert counts["return-freight-who"] == {"used": 1, "helpful": 0, "unhelpful": 1}


def test_asked_in_vain_on_monday_answered_on_wednesday(
    shop: Engine, now: datetime
) -> None:
    for text in [*WORDS["asked_in_vain"], WORDS["phone"]]:
        asked(shop, now, text)
    night = now + timedelta(hours=12)
    assert draft_gaps(shop, night)["drafts"] == 1
    draft = next(a for a in listed(shop, state="draft"))
    assert draft["source"] == "gap" and draft["body"] == ""
    assert len(draft["questions"]) == 3
    assert not any("13912345678" in q for q in draft["questions"])
    # The same questions are not drafted again the next night.
    assert draft_gaps(shop, night + timedelta(days=1))["drafts"] == 0
    with pytest.raises(AftercareError):
        approve(shop, BORIS, draft["key"], 1, night)
    answer = Article(
        draft["key"], WORDS["title"], tuple(draft["questions"]), WORDS["body"]
    )
    propose(shop, BORIS, answer, night)
    approve(shop, BORIS, draft["key"], 2, night)
    found = Librarian(shop).find(WORDS["asked_in_vain"][1], night)
    assert found is not None and found.body == WORDS["body"]


def test_one_customer_who_asks_thrice_makes_no_draft(
    shop: Engine, now: datetime
) -> None:
    talk, _ = asked(shop, now, WORDS["asked_in_vain"][0])
    with write(shop) as session:
        for seq, text in enumerate(WORDS["asked_in_vain"][1:], 2):
            session.add(
                MessageRow(
                    conversation_id=talk, seq=seq, sender="customer", text=text, at=now
                )
            )
    for seq in (2, 3):
        note_use(shop, talk, seq, "ask_product_usage", None, now)
    assert draft_gaps(shop, now) == {"questions": 3, "drafts": 0}


def test_what_was_said_stays_where_it_was_said(shop: Engine, now: datetime) -> None:
    asked(shop, now, WORDS["phone"])
    with read(shop) as session:
        row = session.scalars(select(ArticleUseRow)).one()
        assert WORDS["phone"] not in str(vars(row))
        assert session.scalar(select(func.count()).select_from(ArticleUseRow)) == 1
