"""Tags with the name of an environment, which record a deployment (Pact Broker reference §5.4)."""

from broker.domain.pacticipants.details import Tag
from broker.services.circumstances import Circumstances
from broker.services.environments import deployments
from broker.services.environments.required_decision import Requirement
from broker.services.pacticipants import tags
from broker.storage.storage import Storage


def tag_version(
    storage: Storage,
    place: tuple[str, str, str],
    *,
    circumstances: Circumstances,
    requirement: Requirement,
) -> tuple[Tag, bool]:
    """Tag the version, creating what is missing; a tag with the name of an environment records a deployment.

    *place* is pacticipant, version number, tag. Return whether it did not have the tag yet (reference §4.5).
    Raises ValidationError for a blank name, and what recording a deployment does: then there is no tag
    either.
    """
    pacticipant, number, tag = place
    tagged, is_new, version = tags.tag_version(storage, pacticipant, number, tag, circumstances=circumstances)
    if circumstances.settings.create_deployed_versions_for_tags:
        environment = storage.environments.find_by_name(tag)
        if environment is not None:
            deployments.allow(storage, version, environment, requirement)
            storage.deployments.record(version, environment, circumstances.now, automatic=True)
    return tagged, is_new
