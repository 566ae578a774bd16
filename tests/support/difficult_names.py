"""Names with which a path, a query, a header, a page or a database could go wrong."""

from dataclasses import dataclass
from urllib.parse import quote

from broker.domain.limits import NAME, REFERENCE

NAMES = (
    "a/b",
    "/a/",
    " a b ",
    "100%",
    "%2F",
    "%252F",
    "%25",
    "%ff",
    "%zz",
    "%DATE%",
    "%00",
    "a%20b",
    ".",
    "..",
    "../..",
    ".a.",
    "a+b",
    "a?b=c",
    "a#b",
    "a&b;c=d",
    "a,b:c@d!$*()[]",
    "größe",
    "gro\u0308\u00dfe",
    "注文",
    "👩‍👩‍👧",
    "עברית",
    "\"a\" 'b'",
    "<script>alert(1)</script>",
    "a\\b|c^d`e~f",
    "{version}",
    "${a}{{b}}{% c %}",
    "a.json",
    "b.svg",
    "wip",
)
"""None of them is a word of the API, which could be meant instead of the name."""


@dataclass(frozen=True)
class Names:
    """The names of a world, no two of them the same."""

    consumer: str
    provider: str
    version: str
    branch: str
    tag: str
    label: str
    shown: str
    """What the environment is called for people, and what webhooks and secrets are described as."""
    instance: str

    @property
    def environment(self) -> str:
        """The name of the environment, which may hold no spaces."""
        return self.shown.replace(" ", "_")

    @property
    def build_url(self) -> str:
        """The address of a build."""
        return f"https://ci.example.org/{self.shown}"


def names_around(name: str) -> Names:
    """Return this name for the consumer, and the ones that follow it for everything else."""
    start = NAMES.index(name)
    return Names(*(NAMES[(start + step) % len(NAMES)] for step in range(8)))


PLAIN = Names("Shop", "Orders", "1.0", "main", "test", "team", "live", "blue")
WORDS = (
    Names("latest", "versions", "badge", "label", "latest-version", "branch", "tag", "environment"),
    Names("versions", "badge", "latest", "tags", "pact-version", "label", "deployed", "wip"),
    Names("provider", "consumer", "all", "metadata", "latest", "versions", "currently-deployed", "prod"),
)
"""Words of the API in places where they cannot be meant; where they are, they win over names."""

LONG = Names(
    consumer="👩" * NAME,
    provider="/" * NAME,
    version="注" * REFERENCE,
    branch="%" * REFERENCE,
    tag="é" * REFERENCE,
    label="&" * NAME,
    shown="<" * NAME,
    instance='"' * NAME,
)
"""Each as long as it may be."""


def segment(name: str) -> str:
    """Return the name as one segment of a path, also with its dots, which some clients would take away."""
    return quote(name, safe="").replace(".", "%2E")
