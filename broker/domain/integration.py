"""Who has contracts with whom (Pact Broker reference §4.13, §11.3)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IntegrationName:
    """A consumer and a provider that have, or had, a pact."""

    consumer: str
    provider: str


_KEYWORDS = {"digraph", "edge", "graph", "node", "strict", "subgraph"}


def dot(integrations: list[IntegrationName]) -> str:
    """Return the graph of the integrations in Graphviz' language, with an arrow to each provider."""
    arrows = [f"  {_node(pair.consumer)} -> {_node(pair.provider)}\n" for pair in integrations]
    graph = "digraph { ranksep=3; ratio=auto; overlap=false; node [ shape=plaintext ]\n\n"
    return graph + "".join(arrows) + "}\n"


def _node(name: str) -> str:
    """Return the name as the Pact Broker writes it, or in quotes where that would not be an identifier."""
    bare = name.replace(" ", "_")
    is_identifier = bare.replace("_", "a").isalnum() and not bare[0].isdecimal() and bare.isascii()
    if is_identifier and bare.lower() not in _KEYWORDS:
        return bare
    return '"' + bare.replace("\\", "\\\\").replace('"', '\\"') + '"'
