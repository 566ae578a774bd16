"""The index and the templates of other documents, as clients know them (reference §4.1, §4.2, §14)."""

import pytest
from support.factories import a_publication

# Relation -> title, or None where the Pact Broker's is a sentence, and path.
INDEX = {
    "pb:publish-pact": (
        "Publish a pact",
        "/pacts/provider/{provider}/consumer/{consumer}/version/{consumerApplicationVersion}",
    ),
    "pb:publish-contracts": ("Publish contracts", "/contracts/publish"),
    "pb:latest-pact-versions": ("Latest pact versions", "/pacts/latest"),
    "pb:tagged-pact-versions": (None, "/pacts/provider/{provider}/consumer/{consumer}/tag/{tag}"),
    "pb:branch-pact-versions": (None, "/pacts/provider/{provider}/consumer/{consumer}/branch/{branch}"),
    "pb:latest-branch-pact-versions": (
        None,
        "/pacts/provider/{provider}/consumer/{consumer}/branch/{branch}/latest/versions",
    ),
    "pb:main-branch-pact-versions": (None, "/pacts/provider/{provider}/consumer/{consumer}/branch/versions"),
    "pb:latest-main-branch-pact-versions": (
        None,
        "/pacts/provider/{provider}/consumer/{consumer}/branch/latest/versions",
    ),
    "pb:provider-pacts-with-main-branch": (None, "/pacts/provider/{provider}/branch"),
    "pb:provider-pacts-with-branch": (None, "/pacts/provider/{provider}/branch/{branch}"),
    "pb:latest-provider-pacts-with-main-branch": (None, "/pacts/provider/{provider}/branch/latest"),
    "pb:latest-provider-pacts-with-branch": (None, "/pacts/provider/{provider}/branch/{branch}/latest"),
    "pb:pacticipants": ("Pacticipants", "/pacticipants"),
    "pb:pacticipant": ("Fetch pacticipant by name", "/pacticipants/{pacticipant}"),
    "pb:latest-provider-pacts": ("Latest pacts by provider", "/pacts/provider/{provider}/latest"),
    "pb:latest-provider-pacts-with-tag": (None, "/pacts/provider/{provider}/latest/{tag}"),
    "pb:provider-pacts-with-tag": (None, "/pacts/provider/{provider}/tag/{tag}"),
    "pb:provider-pacts": (None, "/pacts/provider/{provider}"),
    "pb:latest-version": ("Latest pacticipant version", "/pacticipants/{pacticipant}/latest-version"),
    "pb:latest-tagged-version": (None, "/pacticipants/{pacticipant}/latest-version/{tag}"),
    "pb:webhooks": ("Webhooks", "/webhooks"),
    "pb:webhook": ("Webhook", "/webhooks/{uuid}"),
    "pb:integrations": ("Integrations", "/integrations"),
    "pb:pacticipant-version-tag": (None, "/pacticipants/{pacticipant}/versions/{version}/tags/{tag}"),
    "pb:pacticipant-branch": (None, "/pacticipants/{pacticipant}/branches/{branch}"),
    "pb:pacticipant-branch-version": (
        None,
        "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
    ),
    "pb:pacticipant-version": (None, "/pacticipants/{pacticipant}/versions/{version}"),
    "pb:metrics": (None, "/metrics"),
    "pb:can-i-deploy-pacticipant-version-to-tag": (
        None,
        "/can-i-deploy?pacticipant={pacticipant}&version={version}&to={tag}",
    ),
    "pb:can-i-deploy-pacticipant-version-to-environment": (
        None,
        "/can-i-deploy?pacticipant={pacticipant}&version={version}&environment={environment}",
    ),
    "pb:provider-pacts-for-verification": (None, "/pacts/provider/{provider}/for-verification"),
    "pb:environments": ("Environments", "/environments"),
    "pb:environment": ("Environment", "/environments/{uuid}"),
    "beta:provider-pacts-for-verification": (None, "/pacts/provider/{provider}/for-verification"),
}
TEMPLATES = {
    "/pacticipants": {"pb:pacticipants-with-label": "/pacticipants/label/{label}"},
    "/pacticipants/Shop": {
        "pb:version": "/pacticipants/Shop/versions/{version}",
        "pb:version-tag": "/pacticipants/Shop/versions/{version}/tags/{tag}",
        "pb:branch-version": "/pacticipants/Shop/branches/{branch}/versions/{version}",
        "pb:label": "/pacticipants/Shop/labels/{label}",
        "pb:can-i-deploy-badge": (
            "/pacticipants/Shop/latest-version/{tag}/can-i-deploy/to/{environmentTag}/badge"
        ),
        "pb:can-i-deploy-branch-to-environment-badge": (
            "/pacticipants/Shop/branches/{branch}/latest-version/can-i-deploy"
            "/to-environment/{environment}/badge"
        ),
    },
    "/pacticipants/Shop/versions/1": {"pb:tag": "/pacticipants/Shop/versions/1/tags/{tag}"},
    "/pacts/provider/Orders/consumer/Shop/version/1": {
        "pb:latest-tagged-pact-version": "/pacts/provider/Orders/consumer/Shop/latest/{tag}",
        "pb:tag-version": "/pacticipants/Shop/versions/1/tags/{tag}",
    },
}


def theirs(links):
    """Return the links that are the Pact Broker's, too."""
    return {
        name: link
        for name, link in links.items()
        if name != "curies" and not name.startswith(("tally:", "pf:"))
    }


def test_the_index_has_the_links_of_the_pact_brokers(broker):
    links = theirs(broker.get("/").json["_links"])

    assert links.pop("self") == {"href": "http://localhost", "title": "Index", "templated": False}
    assert {name: link["href"] for name, link in links.items()} == {
        name: f"http://localhost{path}" for name, (_, path) in INDEX.items()
    }


def test_the_short_titles_of_the_index_are_the_pact_brokers(broker):
    links = broker.get("/").json["_links"]

    assert {name: links[name]["title"] for name, (title, _) in INDEX.items() if title} == {
        name: title for name, (title, _) in INDEX.items() if title
    }


def test_what_has_variables_says_that_it_is_a_template(broker):
    links = broker.get("/").json["_links"]
    del links["curies"]

    assert [name for name, link in links.items() if link["templated"] != ("{" in link["href"])] == []


@pytest.mark.parametrize("path", TEMPLATES)
def test_templates_have_the_variables_that_clients_expand(broker, path):
    broker.post("/contracts/publish", json=a_publication())

    links = theirs(broker.get(path).json["_links"])

    found = {
        name: link["href"] for name, link in links.items() if isinstance(link, dict) and "{" in link["href"]
    }
    found.pop("pb:diff", None)  # whose address has a hash
    assert found == {name: f"http://localhost{template}" for name, template in TEMPLATES[path].items()}


def test_names_with_braces_are_no_variables(broker):
    broker.post("/pacticipants", json={"name": "{version}"})

    links = broker.get("/pacticipants/%7Bversion%7D").json["_links"]

    assert links["pb:version"]["href"] == "http://localhost/pacticipants/%7Bversion%7D/versions/{version}"
