"""The requests whose cost is measured: what clients in a pipeline send, and every path that can be read."""

import re
from collections.abc import Iterator

from measuring import NEW, Question
from sqlalchemy import text
from support.big_data import Size, change
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.domain.verifications.url_metadata import Metadata, encode
from broker.storage.database import Database
from broker.web.routes import PATHS

# One branch and one tag that only the first version of each application has.
OLD = (
    (
        "INSERT INTO branches (pacticipant_id, name, head_version_id, created_at, updated_at)"
        " SELECT pacticipant_id, 'old', id, created_at, created_at FROM versions WHERE number = '1'"
    ),
    (
        "INSERT INTO branch_versions (branch_id, version_id, position, auto_created, created_at, updated_at)"
        " SELECT b.id, v.id, v.position, b.id < 0, v.created_at, v.created_at"
        " FROM branches b JOIN versions v ON v.id = b.head_version_id WHERE b.name = 'old'"
    ),
    (
        "INSERT INTO tags (pacticipant_id, version_id, name, position, created_at)"
        " SELECT pacticipant_id, id, 'old', position, created_at FROM versions WHERE number = '1'"
    ),
)
TAG_ALL = (
    "INSERT INTO tags (pacticipant_id, version_id, name, position, created_at)"
    " SELECT pacticipant_id, id, 'ci', position, created_at FROM versions"
)
VALUES = (
    "SELECT (SELECT sha FROM pact_versions WHERE consumer_id = c.id AND provider_id = p.id"
    " ORDER BY id DESC LIMIT 1) AS sha,"
    " (SELECT max(id) FROM verifications WHERE consumer_id = c.id AND provider_id = p.id) AS number,"
    " (SELECT uuid FROM environments WHERE name = 'production') AS uuid"
    " FROM pacticipants c, pacticipants p WHERE c.name = 'Consumer 02' AND p.name = 'Provider 03'"
)
# What cannot be asked without something that is not there, or is no question about history.
LEFT_OUT = re.compile(
    r"webhook|/secrets?|service-contract|label|/test/error|/diff/|released-versions/\{|"
    r"^/deployed-versions|/doc/|hal-browser|api-docs|openapi|diagnostic|\?|\{account\}|\{team\}"
)
# They answer with all that there ever was, as the Pact Broker does; or one writes there.
WHOLE = {
    *("all-pact-versions", "tagged-pact-versions", "main-branch-pact-versions", "branch-pact-versions"),
    *("provider-pacts-with-tag", "provider-pacts-with-main-branch", "provider-pacts-with-branch"),
    *("provider-pacts", "matrix-of-pair", "metrics"),
    *("publish-contracts", "relationships", "verification-results", "integration"),
    "verification-results-with-metadata",
}
QUERIES = {
    "matrix": "?q[][pacticipant]=Consumer 02&q[][version]={version}&latestby=cvpv",
    "can-i-deploy": "?pacticipant=Consumer 02&version={version}&environment=production",
    "deploy-plan": "?q[][pacticipant]=Consumer 02&q[][version]={version}&environment=production",
}
PAGE = "?pageNumber=1&pageSize=10"
"""As many as there are of everything on the large broker, so that its pages are as full as any."""
PAGED = {
    *("pacticipants", "versions", "branch-versions", "tag-versions", "environment-versions", "branches"),
    *("integrations", "dashboard"),
}
HAVE_PAGES = ("index", "pacticipant", "version", "environments", "pact", "pact-version", "latest-pact")
TARGETS = {"index": 0.4, "latest-pact": 1.5, "pacticipants": 5, "dashboard": 5}
OF_ONE = re.compile(r"deploy|/versions/\{version\}|\{branch\}/versions/")


def forget_one_branch(url: str) -> None:
    """Let there be a branch and a tag that only the first version of each application has."""
    change(url, *OLD)


def tag_all(url: str) -> None:
    """Let every version have a tag."""
    change(url, TAG_ALL)


def questions(url: str, size: Size) -> dict[str, Question]:
    """Return the requests to this broker by their names; those that write come last."""
    values = values_of(url, str(size.versions))
    found = [*_of_verifiers(values), *_reads(values), *_pages(values), *_writes(values)]
    return {question.name: question for question in found}


def values_of(url: str, newest: str) -> dict[str, str]:
    database = Database(url)
    with database.connection() as connection:
        found = connection.execute(text(VALUES)).one()._asdict()
    database.close()
    return {
        **{key: str(value) for key, value in found.items()},
        **dict.fromkeys(("pacticipant", "consumer"), "Consumer 02"),
        "provider": "Provider 03",
        **dict.fromkeys(("version", "consumer_version"), newest),
        **dict.fromkeys(("tag", "to_tag", "provider_tag"), "dev"),
        "branch": "main",
        "interaction": f"1-of-{int(newest) // 10 - 1}",
        "environment": "production",
        "metadata": encode(Metadata(consumer_versions=(newest,))),
    }


def _reads(values: dict[str, str]) -> Iterator[Question]:
    for name, path in PATHS.items():
        if LEFT_OUT.search(path) or name in WHOLE:
            continue
        pattern = path + QUERIES.get(name, PAGE if name in PAGED else "")
        yield Question(name, pattern.format_map(values), target=TARGETS.get(name))
        for variable in ("tag", "branch"):
            if f"{{{variable}}}" in path and not OF_ONE.search(path):
                yield Question(f"{name}, old", pattern.format_map({**values, variable: "old"}))
    yield Question("dashboard, as it is", "/dashboard", target=5)
    yield Question("pacticipants, all", "/pacticipants", target=5)


def _pages(values: dict[str, str]) -> Iterator[Question]:
    for name in HAVE_PAGES:
        yield Question(f"page of {name}", PATHS[name].format_map(values), accept="text/html")


def _of_verifiers(values: dict[str, str]) -> Iterator[Question]:
    path = PATHS["pacts-for-verification"].format_map(values)
    selected = {"consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}]}
    pending = {**selected, "includePendingStatus": True}
    since = {"includeWipPactsSince": "2026-01-01"}
    for name, body in {
        "of a branch": {**pending, "providerVersionBranch": "main"},
        "of a new branch": {**pending, "providerVersionBranch": "new"},
        "of a tag": {**pending, "providerVersionTags": ["dev"]},
        "of a new tag": {**pending, "providerVersionTags": ["new"]},
        "of nobody": pending,
        "in progress, branch": {**pending, **since, "providerVersionBranch": "main"},
        "in progress, tag": {**pending, **since, "providerVersionTags": ["dev"]},
        "latest with tags": {
            "consumerVersionSelectors": [{"tag": tag, "latest": True} for tag in ("dev", "old")]
        },
    }.items():
        yield Question(f"to verify, {name}", path, body)
    for name in ("deployed", "supported"):
        place = PATHS[f"currently-{name}-versions"].format_map(values)
        yield Question(f"currently {name}, of one", f"{place}?pacticipant=Consumer 02")
    matrix = "/matrix?q[][pacticipant]=Consumer 02&q[][{}]=true&q[][branch]=main&latestby=cvp&{}"
    yield Question("matrix to a tag", matrix.format("latest", "latest=true&tag=dev"))
    yield Question("matrix to main branches", matrix.format("latest", "latest=true&mainBranch=true"))


def _writes(values: dict[str, str]) -> Iterator[Question]:
    contract = a_pact(an_interaction("new"), consumer="Consumer 02", provider="Provider 03")
    publish = PATHS["publish-contracts"]
    yield Question(
        "publish one contract", publish, lambda name: a_publication(contract, version=name), target=4
    )
    yield Question(
        "publish with tags", publish, lambda name: a_publication(contract, version=name, tags=["dev", "x"])
    )
    yield Question("publish the same again", publish, a_publication(contract, version="same"))
    new = {**values, "consumer_version": NEW, "version": NEW}
    yield Question("publish one pact", PATHS["pact"].format_map(new), contract, "PUT")
    results = PATHS["verification-results-with-metadata"].format_map(values)
    yield Question("publish one result", results, a_verification_result, target=3)
    yield Question("publish a failure", results, lambda name: a_verification_result(name, success=False))
    yield Question("add a tag", PATHS["version-tag"].format_map({**values, "tag": NEW}), {}, "PUT")
    yield Question("tag a new version", PATHS["version-tag"].format_map(new), {}, "PUT")
    yield Question("new version on a branch", PATHS["branch-version"].format_map(new), {}, "PUT")
    yield Question(
        "describe a version", PATHS["version"].format_map(values), {"buildUrl": "https://ci"}, "PUT"
    )
    deployed, released = (PATHS[f"version-{name}"].format_map(values) for name in ("deployments", "releases"))
    yield Question("record a deployment", deployed, {})
    yield Question("record a release", released, {})
