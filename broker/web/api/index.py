"""The index, from which clients find everything, and the broker's diagnosis (reference §4.1, §2.9)."""

from flask import Blueprint

from broker.web.context import database, links
from broker.web.hal import Hal, Links
from broker.web.routes import rule

blueprint = Blueprint("index", __name__)

# Relation, route, title. Clients take the presence of a relation for a promise: only what exists is here.
_RELATIONS = (
    ("pb:publish-pact", "pact", "Publish a pact"),
    ("pb:publish-contracts", "publish-contracts", "Publish contracts"),
    ("pb:latest-pact-versions", "latest-pacts", "Latest pact versions"),
    ("pb:latest-provider-pacts", "latest-provider-pacts", "Latest pacts by provider"),
    (
        "pb:latest-provider-pacts-with-tag",
        "latest-provider-pacts-with-tag",
        "Latest pacts by provider, of versions with a tag",
    ),
    ("pb:provider-pacts", "provider-pacts", "All pacts by provider"),
    (
        "pb:provider-pacts-with-tag",
        "provider-pacts-with-tag",
        "All pacts by provider, of versions with a tag",
    ),
    (
        "pb:provider-pacts-with-main-branch",
        "provider-pacts-with-main-branch",
        "All pacts by provider, of the consumers' main branches",
    ),
    ("pb:provider-pacts-with-branch", "provider-pacts-with-branch", "All pacts by provider, of a branch"),
    (
        "pb:latest-provider-pacts-with-main-branch",
        "latest-provider-pacts-with-main-branch",
        "Latest pacts by provider, of the consumers' main branches",
    ),
    (
        "pb:latest-provider-pacts-with-branch",
        "latest-provider-pacts-with-branch",
        "Latest pacts by provider, of a branch",
    ),
    ("pb:tagged-pact-versions", "tagged-pact-versions", "Pacts of a pair, of versions with a tag"),
    ("pb:branch-pact-versions", "branch-pact-versions", "Pacts of a pair, of a branch"),
    (
        "pb:latest-branch-pact-versions",
        "latest-branch-pact-versions",
        "Latest pact of a pair, of a branch",
    ),
    (
        "pb:main-branch-pact-versions",
        "main-branch-pact-versions",
        "Pacts of a pair, of the consumer's main branch",
    ),
    (
        "pb:latest-main-branch-pact-versions",
        "latest-main-branch-pact-versions",
        "Latest pact of a pair, of the consumer's main branch",
    ),
    ("pb:pacticipants", "pacticipants", "Pacticipants"),
    ("pb:pacticipant", "pacticipant", "Fetch pacticipant by name"),
    ("tally:labels", "labels", "Labels"),
    ("tally:pacticipants-with-label", "pacticipants-with-label", "Pacticipants with a label"),
    ("pb:latest-version", "latest-version", "Latest pacticipant version"),
    ("pb:latest-tagged-version", "latest-tagged-version", "Latest pacticipant version with a tag"),
    ("pb:pacticipant-version", "version", "A version of a pacticipant"),
    ("pb:pacticipant-version-tag", "version-tag", "A tag of a version"),
    ("pb:pacticipant-branch", "branch", "A branch of a pacticipant"),
    ("pb:pacticipant-branch-version", "branch-version", "A version on a branch"),
    ("pb:provider-pacts-for-verification", "pacts-for-verification", "Pacts that a provider has to verify"),
    (
        "beta:provider-pacts-for-verification",
        "pacts-for-verification",
        "Deprecated: use pb:provider-pacts-for-verification",
    ),
    (
        "pb:can-i-deploy-pacticipant-version-to-tag",
        "can-i-deploy-to-tag",
        "Whether a version can be deployed next to the latest versions with a tag",
    ),
    (
        "pb:can-i-deploy-pacticipant-version-to-environment",
        "can-i-deploy-to-environment",
        "Whether a version can be deployed to an environment",
    ),
    ("tally:matrix", "matrix", "Which versions work with which"),
    ("tally:deploy-plan", "deploy-plan", "In which order versions can be deployed"),
    ("pb:integrations", "integrations", "Integrations"),
    ("pb:metrics", "metrics", "Metrics"),
    ("pb:environments", "environments", "Environments"),
    ("pb:environment", "environment", "Environment"),
    ("pb:webhooks", "webhooks", "Webhooks"),
    ("pb:webhook", "webhook", "Webhook"),
    ("tally:triggered-webhook", "triggered-webhook", "What came of one delivery of a webhook"),
    ("tally:import", "index", "Copy from another broker: a header of each request says when it happened"),
    ("tally:secrets", "secrets", "Secrets that webhooks use by name"),
    ("tally:secret", "secret", "A secret that webhooks use by name"),
    ("tally:publish-service-contract", "publish-service-contract", "Publish the contract of a service"),
    ("tally:service-contract", "service-contract", "The service contract of a version"),
)


@blueprint.get(rule("index"))
def show() -> Hal:
    """Show where everything is."""
    return index(links())


def index(links: Links) -> Hal:
    """Return the index; a relation is templated when its path has variables."""
    found: Hal = {"self": {"href": links.base, "title": "Index", "templated": False}}
    for relation, route, title in _RELATIONS:
        link = links.template(route, title)
        found[relation] = {**link, "templated": "{" in link["href"]}
    found["beta:provider-pacts-for-verification"]["name"] = "beta"
    pb, tally = links.curies("index")
    return {"_links": {**found, "curies": [pb, {**pb, "name": "beta"}, tally]}}


@blueprint.get(rule("heartbeat"))
def heartbeat() -> Hal:
    """Say that the process answers, without asking the database."""
    return {"ok": True, "_links": {"self": links().to("heartbeat")}}


@blueprint.get(rule("dependencies"))
def dependencies() -> tuple[Hal, int]:
    """Say whether the database answers."""
    problem = database().problem()
    state: Hal = {"ok": True} if problem is None else {"ok": False, "error": {"message": problem}}
    return {
        "database": state,
        "_links": {"self": links().to("dependencies")},
    }, 200 if problem is None else 500
