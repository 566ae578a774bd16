"""A broker to which a test does one thing after the other, at moments that it chooses."""

import json
from itertools import count
from urllib.parse import urlencode

from support.factories import NOON, a_pact, a_publication, an_interaction

from broker.web import routes

MERGE_PATCH = "application/merge-patch+json"


class ScriptedBroker:
    """Do through *client* what the methods say, as `decisions_over_http.Api` does; a refusal is no error."""

    def __init__(self, client):
        self.now = NOON
        self._client = client
        self._content = {}
        self._numbers = count()

    def ask(self, url, at=None):
        """Return the answer to a question, or the refusal; *at* says which moment it is about."""
        asked = url if at is None else f"{url}&{urlencode({'at': at.isoformat()})}"
        answer = self._client.get(asked).json
        if at is not None and "notices" in answer:
            assert answer.pop("tally:asOf") == at.isoformat()
            assert answer["notices"].pop(0)["text"].startswith(f"As of {at.isoformat()}: ")
        return answer

    def version(self, name, number, *where):
        of_version = {"pacticipant": name, "version": number}
        self._send("PUT", routes.path("version", **of_version), {})
        for kind, value in zip(where[::2], where[1::2], strict=True):
            if kind == "on":
                self._send("PUT", routes.path("branch-version", **of_version, branch=value), {})
            else:
                self._send("PUT", routes.path("version-tag", **of_version, tag=value), {})

    def untagged(self, name, number, tag):
        self._send("DELETE", routes.path("version-tag", pacticipant=name, version=number, tag=tag))

    def left(self, name, number, branch):
        self._send("DELETE", routes.path("branch-version", pacticipant=name, version=number, branch=branch))

    def main_branch(self, name, branch):
        self._send("PATCH", routes.path("pacticipant", pacticipant=name), {"mainBranch": branch}, MERGE_PATCH)

    def pact(self, consumer, number, _with, provider, *like):
        # Published again, it has new content each time, unless it is like another one.
        new = f"the content number {next(self._numbers)}"
        content = self._content.get((*like[1:], provider)) if like else new
        if content is None:
            return
        self._content[consumer, number, provider] = content
        document = a_pact(an_interaction(content), consumer=consumer, provider=provider)
        publication = a_publication(document, version=number, branch=None)
        publication["contracts"][0]["onConflict"] = "overwrite"
        self._send("POST", "/contracts/publish", publication)

    def verified(self, provider, number, consumer, version):
        self._result(provider, number, consumer, version, success=True)

    def failed(self, provider, number, consumer, version):
        self._result(provider, number, consumer, version, success=False)

    def deployed(self, name, number, environment, _as="", instance=""):
        self._record("version-deployments", name, number, environment, {"applicationInstance": instance})

    def released(self, name, number, environment):
        self._record("version-releases", name, number, environment, {})

    def undeployed(self, name, environment):
        self._end("currently-deployed-versions", "deployedVersions", name, environment, "currentlyDeployed")

    def unsupported(self, name, environment):
        self._end("currently-supported-versions", "releasedVersions", name, environment, "currentlySupported")

    def removed(self, url):
        self._send("DELETE", url)

    def _result(self, provider, number, consumer, version, *, success):
        pact = self._client.get(
            routes.path("pact", provider=provider, consumer=consumer, consumer_version=version)
        )
        if pact.status_code == 200:
            url = pact.json["_links"]["pb:publish-verification-results"]["href"]
            self._send("POST", url, {"success": success, "providerApplicationVersion": number})

    def _record(self, route, name, number, environment, body):
        url = routes.path(route, pacticipant=name, version=number, uuid=self._uuid(environment))
        self._send("POST", url, body)

    def _end(self, route, rel, name, environment, field):
        url = routes.path(route, uuid=self._uuid(environment))
        listed = self._client.get(url, query_string={"pacticipant": name}).json
        for item in listed["_embedded"][rel]:
            self._send("PATCH", item["_links"]["self"]["href"], {field: False}, MERGE_PATCH)

    def _uuid(self, environment):
        listed = self._client.get("/environments", query_string={"name": environment}).json
        return listed["_embedded"]["environments"][0]["uuid"]

    def _send(self, method, url, body=None, content_type="application/json"):
        answer = self._client.open(url, method=method, data=json.dumps(body), content_type=content_type)
        assert answer.status_code < 500, answer.text
