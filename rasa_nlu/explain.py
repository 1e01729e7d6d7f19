"""Which words pulled a text towards its intent.

`python -m rasa_nlu.explain "text" …` reads the newest model in models/ (or
`--model file`) and prints, per text, the ranking and the words that pulled.
"""

from __future__ import annotations

import argparse
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from rasa_nlu.model import IntentModel, Opinion, words
from rasa_nlu.normalise import normalise

SHOWN = 5
SMALL = 0.05


def explanation(text: str, opinion: Opinion) -> dict[str, Any]:
    """Return the words that pulled most, with their weights (log-odds).

    Returns:
        {"words": [{"text", "start", "end", "weight"}], "meaning": float,
        "deep": bool}; "meaning" is what the sentence embedding added.
    """
    found, place = [], 0
    for word in words(text):
        weight = sum(opinion.pulls[place : place + len(word)])
        if abs(weight) >= SMALL:
            spot = {"start": place, "end": place + len(word)}
            found.append({"text": word, **spot, "weight": round(weight, 2)})
        place += len(word)
    found.sort(key=lambda item: -abs(item["weight"]))
    return {
        "words": found[:SHOWN],
        "meaning": round(opinion.meaning, 2),
        "deep": opinion.deep,
    }


def read(archive: Path) -> IntentModel:
    """Return the intent model inside a trained Rasa model.

    Raises:
        LookupError: the archive holds no such model.
    """
    from rasa_nlu.embedding import Embedder

    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as source:
        members = [m for m in source if "IntentClassifier" in m.name and m.isfile()]
        if not members:
            raise LookupError(f"{archive} holds no intent model of ours")
        for member in members:
            content = source.extractfile(member)
            if content is not None:
                name = Path(member.name).name
                (Path(folder) / name).write_bytes(content.read())
        return IntentModel(Embedder()).load(Path(folder))


def main() -> None:
    """Explain the texts on the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("texts", nargs="+")
    asked.add_argument("--model", type=Path)
    given = asked.parse_args()
    newest = sorted(Path("models").glob("*.tar.gz"), key=lambda p: p.stat().st_mtime)
    archive = given.model or (newest[-1] if newest else None)
    if archive is None:
        raise SystemExit("no trained model: run `make train` first")
    model = read(archive)
    for raw in given.texts:
        text = normalise(raw).text
        opinion = model.opinion(text)
        lines = [f"{raw}"]
        lines += [f"  {chance:.3f} {name}" for name, chance in opinion.ranking[:3]]
        told = explanation(text, opinion)
        lines += [f"  {w['weight']:+.2f} {w['text']}" for w in told["words"]]
        if told["deep"]:
            lines.append(f"  {told['meaning']:+.2f} (meaning of the whole sentence)")
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
