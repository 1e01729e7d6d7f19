"""What ASVS 5.0 forbids in code, read from the code (docs/security/asvs.yml)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from aftercare.settings import ROOT

OURS = ("aftercare", "actions", "analytics", "rasa_channel", "rasa_nlu")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def calls(*names: str) -> list[str]:
    """Return where a function of one of these (dotted ends of) names is called."""
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def imported() -> dict[str, str]:
    found = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    found[name.name] = str(path)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found[node.module] = str(path)
    return found


def imported_in(module: str) -> list[tuple[str, str]]:
    """Return where a module of the standard library is imported."""
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            if module in names:
                found.append((module, str(path.relative_to(ROOT))))
    return found


def made_of_text(node: ast.AST) -> bool:
    """Return whether an expression puts values into a text."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod)


def test_no_code_is_made_of_text() -> None:
    assert calls("eval", "exec", "compile", "__import__") == []
    for path in (ROOT / "frontend").glob("[cdw]*/**/*"):
        if path.suffix in (".ts", ".vue") and "node_modules" not in path.parts:
            text = path.read_text("utf-8")
            assert not re.search(r"\beval\(|new Function\(|v-html|innerHTML\s*=", text)


def test_no_shell_is_called() -> None:
    assert calls("os.system", "os.popen", "subprocess.getoutput") == []
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "shell":
                raise AssertionError("shell=")


def test_no_statement_is_built_of_text() -> None:
    """Values are bound; only names of our own tables are put into a statement."""
    known = {
        "aftercare/services/rights/tracker.py": {"TABLE"},
        "rasa_channel/tracker_store.py": {
            "TABLE.name",
            "column.name",
            "kind",
            "BUSY_TIMEOUT_S * 1000",
        },
        "aftercare/store/engine.py": {"BUSY_TIMEOUT_MS", "wait_ms"},
    }
    for path, tree in trees():
        if "migrations" in path.parts:
            continue
        place = str(path.relative_to(ROOT))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func)
            if name not in ("text", "sa.text") and not name.endswith(
                (".execute", ".exec_driver_sql")
            ):
                continue
            first = node.args[0]
            if isinstance(first, ast.JoinedStr):
                put = {
                    ast.unparse(part.value)
                    for part in first.values
                    if isinstance(part, ast.FormattedValue)
                }
                assert put <= known.get(place, set()), f"{place}:{node.lineno}"


def test_no_parser_of_xml_or_pickle() -> None:
    banned = {"xml", "lxml", "pickle", "dill", "marshal", "shelve", "xmlrpc"}
    assert not {name for name in imported() if name.split(".")[0] in banned}
    assert calls("yaml.unsafe_load", "joblib.load", "torch.load") == []
    # These name their loader, a safe one.
    loads = {place.split(":")[0] for place in calls("yaml.load")}
    assert loads <= {
        "analytics/text/tables.py",
        "aftercare/services/trainset/examples.py",
        "rasa_channel/explain.py",
    }
    for place in loads:
        text = (ROOT / place).read_text("utf-8")
        assert "SafeLoader" in text or 'typ="safe"' in text


def test_no_pattern_is_made_of_text() -> None:
    """A pattern with a value in it has it escaped, or comes from our own files."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if not ast.unparse(node.func).startswith("re."):
                continue
            first = node.args[0]
            if isinstance(first, ast.JoinedStr) and made_of_text(first):
                for part in first.values:
                    if isinstance(part, ast.FormattedValue):
                        word = ast.unparse(part.value)
                        # Escaped, or one of our own names and constants.
                        own = re.search("escape|_|[A-Z]{2}", word) or word == "kind"
                        assert own, f"{path}:{node.lineno} {word}"


def test_no_template_is_made_of_text() -> None:
    assert calls("Template", "jinja2.Template", "env.from_string") == []
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and "Environment" in ast.unparse(node.func):
                words = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert "autoescape" in words


def test_no_weak_cryptography() -> None:
    banned = {"Crypto", "rsa", "des", "blowfish", "cryptography"}
    assert not {name for name in imported() if name.split(".")[0] in banned}
    weak = {place.split(":")[0] for place in calls("hashlib.md5", "hashlib.sha1")}
    # A name for what is kept of a sentence's vector, nobody's proof of anything.
    assert weak <= {"rasa_nlu/embedding.py"}
    # Chance that anybody may guess is for demo data and estimators alone.
    guessable = {path for name, path in imported_in("random")}
    rooms = ("/training/", "/planning/", "/recommend/", "analytics/")
    allowed = ("/seed", "/demo_talks.py", "/demo_month/", *rooms)
    assert not [path for path in guessable if not any(a in path for a in allowed)]
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "verify":
                assert ast.unparse(node.value) != "False", path


def test_nothing_redirects_elsewhere() -> None:
    assert calls("RedirectResponse") == []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "follow_redirects":
                assert ast.unparse(node.value) == "False", path
