"""Run the nodes of a trained model one after the other.

Rasa hands every prediction to a scheduler of parallel work and derives the part of
the graph it needs anew; the order of the nodes is the same for a whole process.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner

Plan = list[tuple[str, tuple[str, ...]]]
_plans: WeakKeyDictionary[DaskGraphRunner, dict[tuple[str, ...], Plan]]
_plans = WeakKeyDictionary()


def run(
    self: DaskGraphRunner,
    inputs: dict[str, Any] | None = None,
    targets: list[str] | None = None,
) -> dict[str, Any]:
    """Return the outputs of the target nodes, as `DaskGraphRunner.run` does.

    Raises:
        GraphRunError: a node failed in a way its component does not name.
    """
    wanted = tuple(targets or self._graph_schema.target_names)
    known = _plans.setdefault(self, {})
    if wanted not in known:
        schema = self._graph_schema.minimal_graph_schema(list(wanted))
        known[wanted] = in_order(schema)
    done: dict[str, Any] = {
        name: (name, value) for name, value in (inputs or {}).items()
    }
    try:
        for name, needs in known[wanted]:
            given = [done.get(need, need) for need in needs]
            done[name] = self._instantiated_nodes[name](*given)
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(done[name] for name in wanted)


def in_order(schema: GraphSchema) -> Plan:
    """Return every node after the nodes it needs, each with their names."""
    plan: Plan = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in schema.nodes:
            return
        seen.add(name)
        needs = tuple(schema.nodes[name].needs.values())
        for need in needs:
            visit(need)
        plan.append((name, needs))

    for name in schema.nodes:
        visit(name)
    return plan
