"""The recipes of the guide, sent by a real worker to a receiver that checks what each service insists on."""

import json
import re
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.fernet import Fernet
from support.factories import a_verification_result
from support.receivers import answer, receiving, wait_until
from support.webhook_worker import finished, publish, working

GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"
SECTIONS = GUIDE.read_text(encoding="utf-8").partition("\n## Recipes\n")[2].split("\n### ")[1:]
RECIPES = {
    section.partition("\n")[0]: json.loads(section.partition("```json\n")[2].partition("```")[0])
    for section in SECTIONS
}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
BRANCH = 'feat/"größe" & more'
SECRETS = set(re.findall(r"\$\{secret\.([\w-]+)\}", json.dumps(RECIPES)))


def is_url(text):
    return text.startswith("http") and bool(urlsplit(text).hostname) and " " not in text


def basic(request):
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    return b64decode(credentials).decode() if scheme == "Basic" else None


def github_dispatch(request, body):
    yield request.headers.get("authorization") == "Bearer secret github", "authorization"
    yield bool(request.headers.get("user-agent")), "user agent"
    yield request.path == "/repos/acme/orders/dispatches", "path"
    yield isinstance(body["event_type"], str) and len(body["event_type"]) <= 100, "event_type"
    yield isinstance(body["client_payload"], dict) and len(body["client_payload"]) <= 10, "client_payload"
    yield is_url(body["client_payload"]["pact_url"]), "pact_url"
    yield body["client_payload"]["provider_version"] == "7", "version"


def github_status(request, body):
    yield request.headers.get("authorization") == "Bearer secret github", "authorization"
    yield request.path == f"/repos/acme/shop/statuses/{COMMIT}", "path"
    yield body["state"] in {"error", "failure", "pending", "success"}, "state"
    yield len(body["description"]) <= 140, "description"
    yield is_url(body["target_url"]), "target_url"


def gitlab_trigger(request, _body):
    form = parse_qs(request.body.decode(), strict_parsing=True)
    yield request.headers["content-type"] == "application/x-www-form-urlencoded", "type"
    yield request.path == "/api/v4/projects/acme%2Forders/trigger/pipeline", "path"
    yield form["token"] == ["secret gitlab-trigger"], "token"
    yield form["ref"] == ["main"], "ref"
    yield is_url(form["variables[PACT_URL]"][0]), "variable"


def gitlab_status(request, body):
    yield request.headers.get("private-token") == "secret gitlab", "token"
    yield request.path == f"/api/v4/projects/acme%2Fshop/statuses/{COMMIT}", "path"
    yield body["state"] in {"pending", "running", "success", "failed", "canceled"}, "state"
    yield is_url(body["target_url"]), "target_url"


def bitbucket_status(request, body):
    yield request.headers.get("authorization") == "Bearer secret bitbucket", "authorization"
    yield request.path == f"/2.0/repositories/acme/shop/commit/{COMMIT}/statuses/build", "path"
    yield body["state"] in {"SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED"}, "state"
    yield 0 < len(body["key"]) <= 40, "key"
    yield is_url(body["url"]), "url"


def azure_run(request, body):
    yield basic(request) == ":secret azure", "authorization"
    yield request.path == "/acme/orders/_apis/pipelines/42/runs?api-version=7.1", "path"
    yield all(isinstance(value, str) for value in body["templateParameters"].values()), "parameters"


def azure_status(request, body):
    yield basic(request) == ":secret azure", "authorization"
    yield (
        request.path.startswith(f"/acme/shop/_apis/git/repositories/shop/commits/{COMMIT}/statuses?"),
        "path",
    )
    yield body["state"] in {"notSet", "pending", "succeeded", "failed", "error", "notApplicable"}, "state"
    yield bool(body["context"]["name"]), "context"
    yield is_url(body["targetUrl"]), "targetUrl"


def circleci(request, body):
    yield request.headers.get("circle-token") == "secret circleci", "token"
    yield request.path == "/api/v2/project/gh/acme/orders/pipeline", "path"
    yield bool(body["branch"]), "branch"
    yield all(isinstance(value, str | int | bool) for value in body["parameters"].values()), "parameters"


def jenkins(request, _body):
    path, _, query = request.path.partition("?")
    given = parse_qs(query, strict_parsing=True)
    yield basic(request) == "pact:secret jenkins", "authorization"
    yield path == "/job/orders-verify/buildWithParameters", "path"
    yield is_url(given["PACT_URL"][0]), "parameter"
    yield given["PROVIDER_VERSION"] == ["7"], "parameter"
    yield request.body == b"", "body"


def slack(request, body):
    yield unquote(request.path) == "/services/secret+slack-1/secret+slack-2/secret+slack-3", "path"
    yield request.headers["content-type"] == "application/json", "type"
    yield BRANCH in body["text"], "text"
    yield re.search(r"<http[^\s|>]+\|[^>]+>", body["text"]) is not None, "link"


def teams(request, body):
    [attachment] = body["attachments"]
    yield parse_qs(urlsplit(request.path).query)["sig"] == ["secret teams"], "signature"
    yield body["type"] == "message", "type"
    yield attachment["contentType"] == "application/vnd.microsoft.card.adaptive", "contentType"
    yield attachment["content"]["type"] == "AdaptiveCard", "card"
    yield is_url(attachment["content"]["actions"][0]["url"]), "action"


CHECKS = {
    "GitHub: run a workflow": (github_dispatch, 204),
    "GitHub: mark the consumer's commit": (github_status, 201),
    "GitLab: run a pipeline": (gitlab_trigger, 201),
    "GitLab: mark the consumer's commit": (gitlab_status, 201),
    "Bitbucket: mark the consumer's commit": (bitbucket_status, 201),
    "Azure DevOps: run a pipeline": (azure_run, 200),
    "Azure DevOps: mark the consumer's commit": (azure_status, 201),
    "CircleCI: run a pipeline": (circleci, 201),
    "Jenkins: run a job with parameters": (jenkins, 201),
    "Slack: say that a verification failed": (slack, 200),
    "Teams: say that a verification failed": (teams, 202),
}
STATES = {
    "GitHub: mark the consumer's commit": ["pending", "failure"],
    "GitLab: mark the consumer's commit": ["pending", "failed"],
    "Bitbucket: mark the consumer's commit": ["INPROGRESS", "FAILED"],
    "Azure DevOps: mark the consumer's commit": ["pending", "failed"],
}


class Services:
    """All of the services at one address, each below a folder of its own; they take only what is right."""

    def __init__(self):
        self.taken = {name: [] for name in RECIPES}
        self.complaints = []
        self.receiver = None

    def behave(self, handler):
        delivery = handler.headers["X-Tally-Delivery"]
        request = next(
            item for item in self.receiver.received if item.headers["x-tally-delivery"] == delivery
        )
        _, folder, path = handler.path.split("/", 2)
        name = list(RECIPES)[int(folder)]
        check, status = CHECKS[name]
        has_json = request.body and request.headers["content-type"] == "application/json"
        body = request.json if has_json else None
        wrong = [what for right, what in check(replace(request, path=f"/{path}"), body) if not right]
        self.complaints += [(name, what) for what in wrong]
        self.taken[name].append((body or {}).get("state"))
        answer(handler, 422 if wrong else status, b"")

    def recipe(self, name):
        """Return the recipe with the address of the service replaced."""
        recipe = json.loads(json.dumps(RECIPES[name]))
        folder = f"{self.receiver.url}/{list(RECIPES).index(name)}/"
        recipe["request"]["url"] = re.sub(r"^https://[^/]+/", folder, recipe["request"]["url"])
        return recipe


def test_every_recipe_is_checked():
    assert set(RECIPES) == set(CHECKS)
    assert all(recipe["request"]["url"].startswith("https://") for recipe in RECIPES.values())


def test_every_recipe_is_what_its_service_takes(database):
    services = Services()
    key = Fernet.generate_key().decode()
    with receiving(services.behave) as services.receiver, working(database, secrets_key=(key,)) as broker:
        for name in SECRETS:
            assert broker.put(f"/secrets/{name}", json={"value": f"secret {name}"}).status_code == 201
        broker.put("/pacticipants/Orders/branches/main/versions/7", json={})
        broker.post("/pacticipants", json={"name": "Shop"})
        for name in RECIPES:
            created = broker.post("/webhooks", json=services.recipe(name))
            assert created.status_code == 201, (name, created.text)

        publish(broker, COMMIT, branch=BRANCH)
        wait_until(lambda: finished(broker, COMMIT))
        pact = broker.get(f"/pacts/provider/Orders/consumer/Shop/version/{COMMIT}").json
        results = pact["_links"]["pb:publish-verification-results"]["href"]
        assert broker.post(results, json=a_verification_result("7", success=False)).status_code == 201
        found = wait_until(lambda: finished(broker, COMMIT))

    assert services.complaints == []
    assert {item["status"] for item in found} == {"success"}
    assert [name for name, taken in services.taken.items() if not taken] == []
    assert {name: services.taken[name] for name in STATES} == STATES
