"""What the storage finds about service contracts for a decision, before anything is decided."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from broker.domain.decisions.evidence import DocumentEvidence, PairEvidence
from broker.domain.decisions.matrix import Row
from broker.domain.decisions.selectors import VersionRef
from broker.domain.service_contracts.needs import Need
from tally.values import dataclass


@dataclass(frozen=True)
class Pair:
    """A pact and a version of its provider whose documents count; *row* is as one without a result."""

    row: Row
    evidence: PairEvidence


@dataclass(frozen=True)
class OwnDocument:
    """A document of a version of a service, and what is known of it."""

    service: str
    version: VersionRef
    published_at: datetime
    document: DocumentEvidence


@dataclass(frozen=True)
class Declared:
    """What a document of a consumer version needs of a provider; *versions* is a range."""

    consumer: str
    consumer_version: VersionRef
    provider: str
    published_at: datetime
    needs: tuple[Need, ...] = ()
    versions: str | None = None
    required: bool = True


@dataclass(frozen=True)
class ContractFacts:
    """Everything about service contracts that a decision has to know.

    *offered* has the versions of providers that have documents, by id, with the keys that are needed and that
    they have. *newest* has the newest such version of a provider, for questions in which any version will do.
    """

    pairs: tuple[Pair, ...] = ()
    documents: tuple[OwnDocument, ...] = ()
    declared: tuple[Declared, ...] = ()
    offered: Mapping[int, frozenset[str]] = field(default_factory=dict)
    newest: Mapping[str, VersionRef] = field(default_factory=dict)


NONE = ContractFacts()
