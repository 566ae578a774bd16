"""What each relation of the API means: the texts of its help pages.

Methods, paths and what they do come from the route; a text says what the link is for.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """A relation: what its link leads to, and the route, if it is the same one everywhere."""

    text: str
    route: str = ""


RELATIONS = {
    # Applications, their versions, branches, tags and labels
    "pacticipants": Relation("The applications that take part in contracts.", "pacticipants"),
    "pacticipant": Relation("An application: a consumer, a provider or both.", "pacticipant"),
    "consumer": Relation("The application that calls.", "pacticipant"),
    "provider": Relation("The application that is called.", "pacticipant"),
    "consumers": Relation(
        "The consumers that a webhook is for: those with a label.", "pacticipants-with-label"
    ),
    "providers": Relation(
        "The providers that a webhook is for: those with a label.", "pacticipants-with-label"
    ),
    "group": Relation("An application with those that it calls and that call it.", "pacticipant"),
    "label": Relation(
        "A label of an application, to group applications by team or domain.", "pacticipant-label"
    ),
    "labels": Relation("The labels that any application has.", "labels"),
    "pacticipants-with-label": Relation("The applications that have a label.", "pacticipants-with-label"),
    "versions": Relation("The versions of an application, newest first.", "versions"),
    "version": Relation("A version of an application: a commit, or a build of it.", "version"),
    "pacticipant-version": Relation(
        "A version of an application, with links to its pacts and places.", "version"
    ),
    "latest-version": Relation("The version of an application that was created last.", "latest-version"),
    "latest-tagged-version": Relation("The newest version with a tag.", "latest-tagged-version"),
    "consumer-version": Relation("The version of the consumer that published the pact.", "version"),
    "consumer-versions": Relation(
        "The versions of the consumer that a pact to verify stands for.", "version"
    ),
    "branches": Relation("The branches of an application; a pact links only to single ones.", "branches"),
    "branch": Relation("A branch of the repository of an application.", "branch"),
    "branch-version": Relation("A version on a branch. PUT here to say that it is.", "branch-version"),
    "pacticipant-branch": Relation("A branch of the repository of an application.", "branch"),
    "pacticipant-branch-version": Relation(
        "A version on a branch. PUT here to say that it is; DELETE to say that it is not.", "branch-version"
    ),
    "tag": Relation("A tag of this version. PUT here to tag it.", "version-tag"),
    "tag-version": Relation("A tag of the version of the consumer. PUT here to tag it.", "version-tag"),
    "tag-prod-version": Relation(
        "The tag prod. PUT here to say that the version is in production.", "version-tag"
    ),
    "version-tag": Relation("A tag of a version. PUT here to tag it.", "version-tag"),
    "pacticipant-version-tag": Relation("A tag of a version. PUT here to tag it.", "version-tag"),
    "pacticipant-version-tags": Relation("The tags that the version was published with.", "version-tag"),
    # Pacts
    "publish-contracts": Relation(
        "Publish a version of a consumer with its branch, its tags and all its contracts, all or nothing. "
        "The notices of the answer are for the person who reads the log of the build.",
        "publish-contracts",
    ),
    "publish-pact": Relation(
        "Publish one pact of a version. Where you can, publish contracts instead.", "pact"
    ),
    "contracts": Relation("The contracts that were published."),
    "pacts": Relation("Pacts, each with its own link."),
    "pact-versions": Relation("The pacts of a version, or the versions of a pact, each with its own link."),
    "all-pact-versions": Relation("All versions of a pact, newest first.", "all-pact-versions"),
    "pact-version": Relation("The content of a pact, as it was verified.", "pact-version"),
    "latest-pact-version": Relation("The pact of the newest version that has one.", "latest-pact"),
    "latest-tagged-pact-version": Relation(
        "The pact of the newest version with a tag.", "latest-tagged-pact"
    ),
    "latest-untagged-pact-version": Relation(
        "The pact of the newest version without tags.", "latest-untagged-pact"
    ),
    "latest-pact-versions": Relation("The latest pact of every pair of applications.", "latest-pacts"),
    "previous-distinct": Relation("The newest earlier pact with other content.", "previous-distinct-pact"),
    "diff-previous-distinct": Relation(
        "What changed since the newest earlier pact with other content, as text.",
        "diff-with-previous-distinct",
    ),
    "diff": Relation("What is different from another pact, as text.", "diff-with-version"),
    "tagged-pact-versions": Relation("The pacts of a pair, of versions with a tag.", "tagged-pact-versions"),
    "branch-pact-versions": Relation("The pacts of a pair, of a branch.", "branch-pact-versions"),
    "latest-branch-pact-versions": Relation(
        "The latest pact of a pair on a branch.", "latest-branch-pact-versions"
    ),
    "main-branch-pact-versions": Relation(
        "The pacts of a pair, of the consumer's main branch.", "main-branch-pact-versions"
    ),
    "latest-main-branch-pact-versions": Relation(
        "The latest pact of a pair on the consumer's main branch.", "latest-main-branch-pact-versions"
    ),
    "provider-pacts": Relation("All pacts with a provider.", "provider-pacts"),
    "provider-pacts-with-tag": Relation(
        "All pacts with a provider, of versions with a tag.", "provider-pacts-with-tag"
    ),
    "provider-pacts-with-branch": Relation(
        "All pacts with a provider, of a branch.", "provider-pacts-with-branch"
    ),
    "provider-pacts-with-main-branch": Relation(
        "All pacts with a provider, of the main branches of its consumers.", "provider-pacts-with-main-branch"
    ),
    "latest-provider-pacts": Relation(
        "The latest pact of each consumer of a provider.", "latest-provider-pacts"
    ),
    "latest-provider-pacts-with-tag": Relation(
        "The latest pact with a tag of each consumer of a provider.", "latest-provider-pacts-with-tag"
    ),
    "latest-provider-pacts-with-branch": Relation(
        "The latest pact on a branch of each consumer of a provider.", "latest-provider-pacts-with-branch"
    ),
    "latest-provider-pacts-with-main-branch": Relation(
        "The latest pact on the main branch of each consumer of a provider.",
        "latest-provider-pacts-with-main-branch",
    ),
    # Verification
    "provider-pacts-for-verification": Relation(
        "The pacts that a provider has to verify. POST what to select: branches, environments, whether "
        "pending pacts may fail, and from when work in progress is included.",
        "pacts-for-verification",
    ),
    "publish-verification-results": Relation(
        "Publish whether a version of the provider fulfils the contract."
    ),
    "publish-verification-part": Relation(
        "Publish a part of a verification that was divided between machines; the last one completes it."
    ),
    "latest-verification-results": Relation("The newest result of verifying this contract."),
    "verification-result": Relation("The result of a verification.", "verification-result"),
    "latest-verification-results-where-pacticipant-is-consumer": Relation(
        "The newest result of each pact of this version.", "consumer-version-verification-results"
    ),
    # Decisions
    "matrix": Relation("Which versions work with which.", "matrix"),
    "matrix-for-consumer-version": Relation("The results for this version of the consumer.", "matrix"),
    "can-i-deploy-pacticipant-version-to-tag": Relation(
        "Whether a version works with the latest versions that have a tag.", "can-i-deploy"
    ),
    "can-i-deploy-pacticipant-version-to-environment": Relation(
        "Whether a version works with all that is in an environment.", "can-i-deploy"
    ),
    "deploy-plan": Relation("In which order versions can be deployed.", "deploy-plan"),
    "import": Relation(
        "The broker takes copies of what another one has, as `tally import` makes them: requests to any "
        "route that stores, with a header Tally-Import-Date such as 2026-10-01T00:00:00+00:00. What they "
        "store gets this date; no webhook is told, and no branch, tag or name implies anything.",
        "index",
    ),
    "explanation": Relation("The same decision, explained for people."),
    "can-i-deploy-badge": Relation(
        "A picture for a README: may the latest be deployed?", "can-i-deploy-tag-badge"
    ),
    "can-i-deploy-branch-to-environment-badge": Relation(
        "A picture for a README: may the head of the branch be deployed?", "can-i-deploy-branch-badge"
    ),
    # Environments
    "environments": Relation("The environments that versions are deployed or released to.", "environments"),
    "environment": Relation("An environment.", "environment"),
    "record-deployment": Relation(
        "Say that this version is deployed to the environment. It takes the place of the version before.",
        "version-deployments",
    ),
    "record-release": Relation(
        "Say that this version is released to the environment. Others stay supported.", "version-releases"
    ),
    "deployed-environments": Relation(
        "Where the version is deployed. PATCH to undeploy it.", "deployed-version"
    ),
    "released-environments": Relation("Where it is released. PATCH to end the support.", "released-version"),
    "currently-deployed-deployed-versions": Relation(
        "What is deployed to the environment now.", "currently-deployed-versions"
    ),
    "currently-supported-released-versions": Relation(
        "What is released to the environment and still supported.", "currently-supported-versions"
    ),
    # Integrations, overview
    "integrations": Relation("The pairs of applications that have a contract.", "integrations"),
    "delete_integration": Relation("DELETE all contracts and results between the two.", "integration"),
    "dashboard": Relation("How the pacts of a pair stand.", "dashboard-of-pair"),
    "metrics": Relation("How much of everything there is.", "metrics"),
    # Webhooks
    "webhooks": Relation("The webhooks: requests that the broker sends when something happens.", "webhooks"),
    "webhook": Relation("A webhook.", "webhook"),
    "create": Relation("POST a new webhook here."),
    "execute": Relation("POST to send the webhook now, to try it.", "execute-webhook"),
    "pact-webhooks": Relation("The webhooks for one consumer with one provider.", "pact-webhooks"),
    "consumer-webhooks": Relation("The webhooks for one consumer with any provider.", "consumer-webhooks"),
    "provider-webhooks": Relation("The webhooks for one provider with any consumer.", "provider-webhooks"),
    "webhook-status": Relation("The newest delivery of each webhook of a pair.", "pact-webhooks-status"),
    "dry-run": Relation("POST to see the request that would be sent, without sending it."),
    "triggered-webhook": Relation("What was sent, and what came of it.", "triggered-webhook"),
    "triggered-webhooks": Relation("What was sent, and what came of it, newest first."),
    "logs": Relation("The log of all attempts to send it.", "triggered-webhook-logs"),
    "error-logs": Relation("The logs of what failed.", "triggered-webhook-logs"),
    "redeliver": Relation("POST to send it again.", "redeliver-triggered-webhook"),
    "secrets": Relation("The secrets that webhooks use by name.", "secrets"),
    "secret": Relation("A secret. PUT its value here; nobody can read it again.", "secret"),
    # Service contracts
    "publish-service-contract": Relation(
        "Publish what a service offers: an OpenAPI, AsyncAPI or service-contract/1 document.",
        "publish-service-contract",
    ),
    "service-contract": Relation("What this version of a service offers.", "service-contract"),
    "service-contract-content": Relation(
        "A service contract by the hash of its content.", "service-contract-content"
    ),
}
