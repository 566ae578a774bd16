"""The policy of a service: how its contracts are compared, and what they are worth in decisions."""

from typing import TypeVar

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.service_contracts.policy import MODES, DocumentPolicy, Evidence, OnIncompatible, Policy
from broker.services.service_contracts import policies
from broker.web import parsing
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.parsing import Fields
from broker.web.resource import ApiResource

Word = TypeVar("Word", OnIncompatible, Evidence)

api = ApiResource("service_contract_policies", __name__)
api.relation(
    "tally:service-contract-policy",
    "How the contracts of a service are judged: in which `mode` a version is compared with those before it, "
    "`lenient` or not, for some `documents` otherwise than for the rest; whether an `incompatible` one is "
    "refused; which `evidence` decisions ask for; whether what a consumer relies on must be `guaranteed`.",
    "service-contract-policy",
    title="How the contracts of a service are judged",
)
_NAMES = ("mode", "lenient", "incompatible", "evidence", "guaranteed", "documents", "updatedAt", "_links")
_NAMES_OF_DOCUMENT = ("name", "mode", "lenient")


@api.get("service-contract-policy", answers="ServiceContractPolicy")
def show(pacticipant: str) -> Hal:
    """Show the policy of a service: the defaults, if nobody has set one."""
    with reading() as storage:
        found = policies.find(storage, pacticipant)
    return represent(found, pacticipant, links())


@api.put(
    "service-contract-policy",
    answers="ServiceContractPolicy",
    takes="NewServiceContractPolicy",
    needs=Needs(Action.DELETE, "pacticipant"),
)
def change(pacticipant: str) -> Hal:
    """Set the policy of a service; what is left out is as by default."""
    policy = parse(Fields(parsing.json_object()))
    with transaction() as storage:
        stored = policies.change(storage, pacticipant, policy, now())
    return represent(stored, pacticipant, links())


@api.delete("service-contract-policy", needs=Needs(Action.DELETE, "pacticipant"))
def remove(pacticipant: str) -> tuple[str, int]:
    """Let the defaults hold again."""
    with transaction() as storage:
        policies.remove(storage, pacticipant, now())
    return "", 204


def parse(fields: Fields) -> Policy:
    """Return what the fields say. Raises ValidationError."""
    # A word that is misspelt would leave the default, which may ask for less.
    fields.only(_NAMES)
    rules = _rules(fields)
    incompatible = _word(fields, "incompatible", OnIncompatible.WARN)
    evidence = _word(fields, "evidence", Evidence.COMPARED)
    guaranteed = fields.boolean("guaranteed")
    documents: dict[str, DocumentPolicy] = {}
    for item in fields.objects("documents", most=limits.DOCUMENTS) or ():
        item.only(_NAMES_OF_DOCUMENT)
        name = item.text("name", limit=limits.NAME, required=True) or ""
        if name in documents:
            item.refuse("name", "is that of another item")
        documents[name] = _rules(item)
    fields.done()
    return Policy(rules, incompatible, evidence, bool(guaranteed), documents)


def _rules(fields: Fields) -> DocumentPolicy:
    mode = fields.one_of("mode", MODES)
    return DocumentPolicy(mode or DocumentPolicy.mode, bool(fields.boolean("lenient")))


def _word(fields: Fields, name: str, default: Word) -> Word:
    kind = type(default)
    given = fields.one_of(name, tuple(word.value for word in kind))
    # A word that is refused is not used.
    return next((word for word in kind if word.value == given), default)


def represent(policy: Policy, pacticipant: str, links: Links) -> Hal:
    """Return the HAL document of a policy."""
    return resource(
        {
            **_written(policy.rules),
            "incompatible": policy.incompatible.value,
            "evidence": policy.evidence.value,
            "guaranteed": policy.guaranteed,
            "documents": [{"name": name, **_written(rules)} for name, rules in policy.documents.items()],
            "updatedAt": timestamp(policy.updated_at) if policy.updated_at else None,
        },
        links={
            "self": links.to(
                "service-contract-policy", "Policy for service contracts", pacticipant=pacticipant
            ),
            "pb:pacticipant": links.to("pacticipant", "Pacticipant", pacticipant, pacticipant=pacticipant),
            "curies": links.curies("service-contract-policy"),
        },
    )


def _written(rules: DocumentPolicy) -> Hal:
    return {"mode": rules.mode, "lenient": rules.lenient}
