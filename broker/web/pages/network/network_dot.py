"""Who needs whom in the language of Graphviz."""

from collections.abc import Callable

from broker.domain.network.network import Network
from broker.domain.overview.summaries import PactStatus
from broker.web.pages.network.network_marks import COLOURS

_STYLES = {
    PactStatus.VERIFIED: "solid",
    PactStatus.CHANGED: "dashed",
    PactStatus.NEVER: "dotted",
    PactStatus.PENDING: "dashed",
    PactStatus.FAILED: "bold",
}


def graph(network: Network, link: Callable[[str], str]) -> str:
    """Return the graph: consumers left of what they need; *link* is where a service leads to."""
    nodes = [f"  {_quoted(name)} [URL={_quoted(link(name))}];\n" for name in network.services]
    edges = [
        f"  {_quoted(each.consumer)} -> {_quoted(each.provider)} "
        f"[color={_quoted(COLOURS[each.verdict])}, style={_STYLES[each.verdict]}, "
        f"tooltip={_quoted(each.verdict.value)}];\n"
        for each in network.integrations
    ]
    return (
        f"digraph network {{\n  rankdir=LR;\n  node [shape=box, style=rounded];\n{''.join(nodes + edges)}}}\n"
    )


def _quoted(text: str) -> str:
    # A backslash begins an escape of Graphviz, such as \N for the name of a node.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
