"""What happened and what is asked in a case, told to a real broker through its API."""

from urllib.parse import urlencode

from support.decision_cases import Case
from support.factories import a_pact, a_publication, an_interaction

from broker.domain.decisions.selectors import Selector
from broker.web import routes


class Api:
    """A broker that things happen to; *client* speaks HTTP with it."""

    def __init__(self, client):
        self._client = client
        self._content = {}

    def version(self, name, number, *where):
        of_version = {"pacticipant": name, "version": number}
        expect(self._client.put(routes.path("version", **of_version), json={}), 200, 201)
        for kind, value in zip(where[::2], where[1::2], strict=True):
            if kind == "on":
                url = routes.path("branch-version", **of_version, branch=value)
            else:
                url = routes.path("version-tag", **of_version, tag=value)
            expect(self._client.put(url, json={}), 200, 201)

    def pact(self, consumer, number, _with, provider, *like):
        content = self._content[like[1], like[2], provider] if like else f"as expected by {number}"
        self._content[consumer, number, provider] = content
        document = a_pact(an_interaction(content), consumer=consumer, provider=provider)
        publication = a_publication(document, version=number, branch=None)
        expect(self._client.post("/contracts/publish", json=publication), 200)

    def verified(self, provider, number, consumer, version):
        self._result(provider, number, consumer, version, success=True)

    def failed(self, provider, number, consumer, version):
        self._result(provider, number, consumer, version, success=False)

    def deployed(self, name, number, environment, _as="", instance=""):
        url = self._url("version-deployments", name, number, environment)
        expect(self._client.post(url, json={"applicationInstance": instance}), 201)

    def released(self, name, number, environment):
        url = self._url("version-releases", name, number, environment)
        expect(self._client.post(url, json={}), 201, 200)

    def taken(self, name, environment):
        url = routes.path("currently-deployed-versions", uuid=self._uuid(environment))
        (deployed,) = self._client.get(url, query_string={"pacticipant": name}).json["_embedded"][
            "deployedVersions"
        ]
        patched = self._client.patch(
            deployed["_links"]["self"]["href"],
            json={"currentlyDeployed": False},
            content_type="application/merge-patch+json",
        )
        expect(patched, 200)

    def _result(self, provider, number, consumer, version, *, success):
        pact = self._client.get(
            routes.path("pact", provider=provider, consumer=consumer, consumer_version=version)
        )
        url = expect(pact, 200).json["_links"]["pb:publish-verification-results"]["href"]
        result = {"success": success, "providerApplicationVersion": number}
        expect(self._client.post(url, json=result), 201)

    def _url(self, route, name, number, environment):
        return routes.path(route, pacticipant=name, version=number, uuid=self._uuid(environment))

    def _uuid(self, environment):
        listed = self._client.get("/environments", query_string={"name": environment}).json
        return listed["_embedded"]["environments"][0]["uuid"]


def expect(answer, *statuses):
    assert answer.status_code in statuses, answer.text
    return answer


def happen(case: Case, api: Api) -> None:
    """Make everything happen that the case tells."""
    for verb, words in case.events:
        getattr(api, verb)(*words)


def matrix_query(case: Case) -> str:
    """Return the query string of `GET /matrix` for what the case asks."""
    pairs = [pair for selector in case.selectors for pair in _pairs("q", selector)]
    pairs += [pair for selector in case.ignored for pair in _pairs("ignore", selector)]
    target = case.target
    pairs += [("tag", target.tag), ("environment", target.environment)]
    pairs += [("branch", target.branch), ("mainBranch", target.main_branch), ("latest", target.latest)]
    pairs += [("latestby", case.latest_by.value)]
    pairs += [("success[]", verdict.value) for verdict in case.only]
    return _encode(pairs)


def short_query(case: Case) -> str | None:
    """Return the query string of `GET /can-i-deploy`, or None when that cannot ask it."""
    (selector, *more), target = case.selectors, case.target
    if more or case.only or selector.version is None:
        return None
    if not (target.tag or target.environment) or (target.environment and case.latest_by.value != "cvpv"):
        return None
    pairs = [("pacticipant", selector.pacticipant), ("version", selector.version)]
    pairs += [("environment", target.environment), ("to", target.tag)]
    pairs += [pair for ignored in case.ignored for pair in _pairs("ignore", ignored)]
    return _encode(pairs)


def _pairs(name, selector: Selector):
    return [
        (f"{name}[][pacticipant]", selector.pacticipant),
        (f"{name}[][version]", selector.version),
        (f"{name}[][branch]", selector.branch),
        (f"{name}[][tag]", selector.tag),
        (f"{name}[][environment]", selector.environment),
        (f"{name}[][mainBranch]", selector.main_branch),
        (f"{name}[][latest]", selector.latest),
    ]


def _encode(pairs):
    given = [
        (key, value) for key, value in pairs if value is not None and (value is not False or "success" in key)
    ]
    return urlencode(
        [(key, str(value).lower() if isinstance(value, bool) else value) for key, value in given]
    )
