"""What the API answers about the audit log."""

from broker.domain.accounts.actor import ActorKind
from broker.domain.audit.entry import Outcome
from broker.web.description.fragments import collection
from broker.web.description.notation import (
    ANYTHING,
    MOMENT,
    TEXT,
    WHOLE,
    Property,
    Schema,
    an_object,
    many,
    one_of,
)

_SEAL: dict[str, Property] = {
    "number": WHOLE,
    "previous?": TEXT,
    "hash?": TEXT,
    "count?": WHOLE,
    "sealedAt?": MOMENT,
    "removedAt?": MOMENT,
}

SCHEMAS: dict[str, Schema] = {
    "AuditEntry": an_object(
        {
            "uuid": TEXT,
            "at": MOMENT,
            "actor": an_object(
                {
                    "uuid": {"type": ["string", "null"]},
                    "name": TEXT,
                    "kind": one_of(*(kind.value for kind in ActorKind)),
                }
            ),
            "via": {
                **TEXT,
                "description": "Prefix of the token, session, settings, cli, broker, or how else",
            },
            "address?": TEXT,
            "action": TEXT,
            "subject": an_object({"kind": TEXT, "name": TEXT}),
            "team?": TEXT,
            "before?": ANYTHING,
            "after?": ANYTHING,
            "requestId?": TEXT,
            "outcome": one_of(*(outcome.value for outcome in Outcome)),
            "seal?": {**WHOLE, "description": "Number of its seal; without one until it is sealed"},
        }
    ),
    "AuditEntries": collection("entries", "AuditEntry"),
    "AuditSeal": an_object({**_SEAL, "_links": "Links"}, description="The number is 0 before the first seal"),
    "AuditSeals": collection(
        "seals",
        an_object(
            {
                **_SEAL,
                "hashes": many(an_object({"uuid": TEXT, "hash": TEXT})),
                "entries": many("AuditEntry"),
            }
        ),
    ),
}
