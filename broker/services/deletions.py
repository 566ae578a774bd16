"""What a person is asked before something is deleted. Every function raises NotFoundError."""

from broker.domain.deletion import Deletion
from broker.services.environments import environments
from broker.services.pacticipants import branches, pacticipants
from broker.services.pacts import pacts
from broker.services.webhooks import secrets, webhooks
from broker.storage.storage import Storage
from tally.amounts import counted

_LEFT_WITHOUT_ANYTHING = "Versions, and then applications, that are left without anything go as well."


def of_pacticipant(storage: Storage, pacticipant: str) -> Deletion:
    """Return what goes with an application."""
    found = pacticipants.find(storage, pacticipant)
    return Deletion("application", found.name, storage.deletion_counts.of_pacticipant(found.id))


def of_version(storage: Storage, pacticipant: str, version: str) -> Deletion:
    """Return what goes with a version."""
    found = pacticipants.find_version(storage, pacticipant, version)
    return Deletion(
        "version",
        found.number,
        storage.deletion_counts.of_version(found.id),
        [f"Versions of the same number of other applications than {pacticipant} stay."],
    )


def of_branch(storage: Storage, pacticipant: str, branch: str) -> Deletion:
    """Return what goes with a branch: its versions stay."""
    found = branches.find(storage, pacticipant, branch)
    on_it = storage.deletion_counts.of_branch(pacticipant, branch)["version"]
    return Deletion(
        "branch", found.name, remarks=[f"Its versions stay, and are on this branch no more: {on_it:,}."]
    )


def of_pact(storage: Storage, provider: str, consumer: str, consumer_version: str) -> Deletion:
    """Return what goes with the pact of a version."""
    found = pacts.of_version(storage, provider, consumer, consumer_version)
    version = pacticipants.find_version(storage, consumer, consumer_version)
    return Deletion(
        "pact",
        found.version,
        storage.deletion_counts.of_pact(version.id, provider),
        [f"It is what {consumer} needs of {provider}. The version stays."],
    )


def of_integration(storage: Storage, provider: str, consumer: str) -> Deletion:
    """Return what goes with an integration."""
    ids = [
        pacticipants.find(storage, name, role).id
        for name, role in ((consumer, "consumer"), (provider, "provider"))
    ]
    return Deletion(
        "integration",
        f"{consumer} → {provider}",
        storage.deletion_counts.of_integration(*ids),
        [_LEFT_WITHOUT_ANYTHING],
        typed=consumer,
    )


def of_environment(storage: Storage, uuid: str) -> Deletion:
    """Return what goes with an environment."""
    found = environments.find(storage, uuid)
    return Deletion("environment", found.name, storage.deletion_counts.of_environment(found.id))


def of_webhook(storage: Storage, uuid: str) -> Deletion:
    """Return what goes with a webhook."""
    found = webhooks.find(storage, uuid)
    return Deletion("webhook", found.what.title, remarks=["What it has sent, and the logs of that, stay."])


def of_secret(storage: Storage, secret: str) -> Deletion:
    """Return what goes with a secret: webhooks that use it stay, and fail."""
    found = secrets.find(storage, secret)
    users = sum(found.name in item.what.secrets for item in storage.webhooks.all())
    remark = f"From then on, {counted(users, 'webhook')} cannot be sent." if users else "No webhook uses it."
    return Deletion("secret", found.name, remarks=[remark])
