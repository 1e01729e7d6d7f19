"""Runs in Rasa's environment: the guard on messages given as JSON, one a line."""

from __future__ import annotations

import json
import sys

from rasa.shared.nlu.training_data.message import Message

from rasa_nlu.guard import Guard

for line in sys.stdin:
    given = json.loads(line)
    message = Message(
        {
            "text": given["text"],
            "intent_ranking": [
                {"name": name, "confidence": 0.5} for name in given["ranking"]
            ],
        }
    )
    Guard().process([message])
    told = {"intent": message.get("intent"), "why": message.get("explanation")}
    sys.stdout.write(json.dumps(told) + "\n")
