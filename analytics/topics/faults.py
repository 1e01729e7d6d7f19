"""Products, parts and faults as one graph, from the repairs that were made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx


def fault_graph(repairs: Iterable[tuple[str, str, str]]) -> nx.Graph:
    """Return the graph of (product, part, fault) triples; edges count repairs."""
    import networkx as nx  # on use, for a web server never draws one

    graph = nx.Graph()
    for product, part, fault in repairs:
        for one, other in (
            (("product", product), ("part", part)),
            (("part", part), ("fault", fault)),
            (("product", product), ("fault", fault)),
        ):
            count = graph.get_edge_data(one, other, {"count": 0})["count"]
            graph.add_edge(one, other, count=count + 1)
    return graph


def likely_parts(graph: nx.Graph, product: str, fault: str) -> list[tuple[str, float]]:
    """Return (part, share) for a fault of a product, likeliest first.

    The product's own repairs weigh with those of the same fault elsewhere; shares
    sum to one, the list is empty where neither was ever seen.
    """
    scores: dict[str, float] = {}
    for node in graph.nodes:
        if node[0] != "part":
            continue
        by_fault = _count(graph, node, ("fault", fault))
        by_product = _count(graph, node, ("product", product))
        score = by_fault * (1 + by_product)
        if score:
            scores[node[1]] = score
    total = sum(scores.values())
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [(part, score / total) for part, score in ranked]


def _count(graph: nx.Graph, one: tuple[str, str], other: tuple[str, str]) -> float:
    return float(graph.get_edge_data(one, other, {"count": 0})["count"])
