"""A customer and the assistant, message by message, until all is said."""

from __future__ import annotations

from aftercare.demo_month import desk, wishes
from aftercare.demo_month.clock import Story
from aftercare.demo_month.plan import Visit
from aftercare.demo_month.understood import understanding
from aftercare.demo_month.voice import answered, passes, said
from aftercare.demo_month.words import Turn, line
from aftercare.demo_month.world import PREFIX, Talk, World
from aftercare.services.consents import Purpose, set_consent
from aftercare.services.conversations import Message, Reply, open_conversation
from aftercare.services.knowledge.answers import note_helpful, note_use
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import write

# Of those who talk, so many wish to be told of offers.
WISH_NEWS = 0.6
HELPFUL, JUDGES = 0.75, 0.4


def hold(world: World, visit: Visit) -> Story:
    """Tell one talk from the first word to the last."""
    talk = _opened(world, visit)
    for turn in visit.script.turns:
        # Who was refused does not chat on as if nothing had been.
        if talk.random.random() >= turn.maybe or (talk.refused and turn.maybe < 1):
            continue
        if turn.press:
            yield from wishes.press(talk)
        else:
            yield from _turn(talk, turn)
    if visit.script.human is not None:
        yield from desk.serve(talk, visit.script.human)


def _opened(world: World, visit: Visit) -> Talk:
    customer = visit.piece.customer_id if visit.piece else None
    engine = world.engine
    talk_id = open_conversation(engine, customer, f"{PREFIX}{visit.number:03d}-")
    with write(engine) as session:
        session.get_one(ConversationRow, talk_id).created_at = visit.at
    world.talks[talk_id] = visit
    random = world.random("talk", visit.number)
    if customer is not None and random.random() < WISH_NEWS:
        news = Purpose.MARKETING
        set_consent(engine, customer, news, visit.at, given=True, source="chat")
    return Talk(world, visit, talk_id, customer, random, visit.at)


def _turn(talk: Talk, turn: Turn) -> Story:
    """Say one thing and hear the answer, at once: a shop that runs beside this must
    not find a message waiting and answer it too."""
    text = talk.random.choice(turn.say).format(**talk.facts())
    message = said(talk, text)
    passes(talk, 0.9, 4)
    seen = understanding(turn, text, talk.visit.piece, talk.random)
    if turn.wish:
        replies = [wishes.asked(talk)]
    elif turn.use:
        replies = [_looked_up(talk, turn, text, message)]
    else:
        replies = [Reply(talk.random.choice(turn.answer).format(**talk.facts()))]
    answered(talk, message, replies, seen)
    passes(talk, 8, 70)
    yield talk.at


def _looked_up(talk: Talk, turn: Turn, text: str, message: Message) -> Reply:
    """Put a question to the articles, and keep how that went."""
    world, found = talk.world, None
    if turn.use != "never":
        found = world.librarian.find(text, talk.at, intent=turn.intent)
    use = note_use(world.engine, talk.id, message.seq, turn.intent, found, talk.at)
    if found is None:
        return Reply(line("no_article"))
    if talk.random.random() < JUDGES:
        helpful = talk.random.random() < HELPFUL
        note_helpful(world.engine, talk.id, use, helpful)
    return Reply(line("article", title=found.title, body=found.body))
