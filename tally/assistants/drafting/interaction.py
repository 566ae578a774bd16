"""One interaction as tests declare it, whatever it was made of and in whatever language it is written."""

from typing import Any
from urllib.parse import quote, urlencode

from tally.pact import ProviderState
from tally.values import dataclass

_IN_A_PATH = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True)
class Leaf:
    """A value with its rule, as the Pact specification names it; "" wants this value alone.

    *detail* is the expression of a "regex", the format of a date or time, or the text of an "include".
    """

    value: Any
    rule: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Fields:
    """An object with these properties."""

    items: "tuple[tuple[str, Node], ...]"


@dataclass(frozen=True)
class Items:
    """A list with exactly these items."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True)
class Each:
    """A list of *least* to *most* items that are all like *item*."""

    item: "Node"
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class EachValue:
    """An object whose keys are data, and whose values are all like *item*; *key* is an example."""

    key: str
    item: "Node"


Node = Leaf | Fields | Items | Each | EachValue
NamedLeaves = tuple[tuple[str, tuple[Leaf, ...]], ...]
"""Names of headers or of query parameters, each with its values."""


@dataclass(frozen=True)
class Content:
    """A body: JSON is a node, and everything else a text; *kind* is its media type."""

    kind: str
    node: Node | None = None
    text: str = ""
    any_text: bool = False
    """Whether any other text is accepted as well."""


@dataclass(frozen=True)
class AskedRequest:
    """What the consumer sends; the headers are without Content-Type, which is that of the body."""

    method: str
    path: Leaf
    query: NamedLeaves = ()
    headers: NamedLeaves = ()
    body: Content | None = None

    @property
    def address(self) -> str:
        """The path with the query, as it is sent: percent-encoded."""
        pairs = [(name, leaf.value) for name, leaves in self.query for leaf in leaves]
        query = urlencode(pairs, quote_via=quote)
        return quote(self.path.value, safe=_IN_A_PATH) + (f"?{query}" if query else "")


@dataclass(frozen=True)
class ExpectedResponse:
    """What the consumer relies on; the headers are without Content-Type, which is that of the body."""

    status: int
    headers: NamedLeaves = ()
    body: Content | None = None


@dataclass(frozen=True)
class Drafted:
    """All that a test is written from. *left_out* says in words what is not in it, and why."""

    consumer: str
    provider: str
    description: str
    request: AskedRequest
    response: ExpectedResponse
    states: tuple[ProviderState, ...] = ()
    left_out: tuple[str, ...] = ()


def example_of(node: Node) -> Any:
    """Return the JSON that the consumer's test sends or gets."""
    match node:
        case Leaf():
            return node.value
        case Fields():
            return {name: example_of(item) for name, item in node.items}
        case Items():
            return [example_of(item) for item in node.items]
        case Each():
            return [example_of(node.item)] * max(node.least, 1)
        case _:
            return {node.key: example_of(node.item)}
