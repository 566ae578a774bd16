"""Random worlds under every kind of write that can change how integrations stand, told to a broker."""

import random
from contextlib import suppress
from datetime import timedelta

from support.clocks import Clock
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.background.clean_up import BusyError, clean
from broker.background.clean_up_batches import Pace
from broker.domain.retention.policy import BranchSelector, KeepSelector, Policy
from broker.domain.verifications.url_metadata import Metadata, encode

NAMES, NUMBERS = ("A", "B", "C"), ("1", "2", "3", "4")
BRANCHES, ENVIRONMENTS, CONTENTS = ("main", "feature"), ("test", "production"), ("x", "y", "z")
POLICY = Policy(
    (KeepSelector(latest=True), KeepSelector(branch="main")),
    branch_selectors=(BranchSelector(max_age=0),),
    overwritten_days=0,
)


class StandingWorld:
    """A broker to which something random happens at a time; *clock* goes on by a minute with each.

    *results* is how many results it took.
    """

    successes = 0.6
    """Which part of the results is one."""

    def __init__(self, client, database, seed):
        self.client, self.database = client, database
        self.clock = Clock()
        self.results = 0
        self._random = random.Random(seed)  # noqa: S311 - no secrets
        often = [self._publish, self._publish, self._result, self._result, self._join, self._deploy]
        self._writes = [
            *often,
            *often,
            self._leave,
            self._delete_branch,
            self._tag,
            self._untag,
            self._undeploy,
            self._release,
            self._end_support,
            self._choose_main_branch,
            self._delete_pact,
            self._delete_pacts,
            self._delete_version,
            self._delete_result,
            self._delete_integration,
            self._delete_pacticipant,
            self._clean_up,
        ]

    def write(self):
        """Let something happen, and return what."""
        self.clock.now += timedelta(minutes=1)
        write = self._random.choice(self._writes)
        write()
        return write.__name__

    def _pick(self, items):
        return self._random.choice(items)

    def _pair(self):
        consumer, provider = self._random.sample(NAMES, 2)
        return consumer, provider

    def _ask(self, method, url, body=None):
        answer = self.client.open(url, method=method, json=body)
        assert answer.status_code < 500, (method, url, answer.text)
        return answer

    def _publish(self):
        consumer = self._pick(NAMES)
        others = [name for name in NAMES if name != consumer]
        pacts = [
            a_pact(an_interaction(self._pick(CONTENTS)), consumer=consumer, provider=provider)
            for provider in self._random.sample(others, self._pick((1, 2)))
        ]
        where = {"branch": self._pick((*BRANCHES, None)), "tags": self._pick(([], [], ["main"]))}
        self._ask("POST", "/contracts/publish", a_publication(*pacts, version=self._pick(NUMBERS), **where))

    def _result(self):
        consumer, provider = self._pair()
        pact = self._any_pact(consumer, provider)
        if pact is None:
            return
        url = pact["_links"]["pb:publish-verification-results"]["href"]
        success = self._random.random() < self.successes
        if not success and self._random.random() < 0.4:
            metadata = encode(Metadata(("1",), pending=True))
            url = url.replace("/verification-results", f"/metadata/{metadata}/verification-results")
        tests = [{"interactionDescription": "x", "success": success, "mismatches": [{"description": "no"}]}]
        result = a_verification_result(self._pick(NUMBERS), success=success, testResults=tests)
        self.results += self._ask("POST", url, result).status_code == 201

    def _any_pact(self, consumer, provider):
        listed = self._ask("GET", f"/pacts/provider/{provider}/consumer/{consumer}/versions").json
        found = listed.get("_embedded", {}).get("pacts")
        if not found:
            return None
        answer = self._ask("GET", self._pick(found)["_links"]["self"]["href"])
        return answer.json if answer.status_code == 200 else None  # another one has deleted it

    def _version(self):
        return f"/pacticipants/{self._pick(NAMES)}/versions/{self._pick(NUMBERS)}"

    def _membership(self):
        name = self._pick(NAMES)
        return f"/pacticipants/{name}/branches/{self._pick(BRANCHES)}/versions/{self._pick(NUMBERS)}"

    def _join(self):
        self._ask("PUT", self._membership(), {})

    def _leave(self):
        self._ask("DELETE", self._membership())

    def _delete_branch(self):
        self._ask("DELETE", f"/pacticipants/{self._pick(NAMES)}/branches/{self._pick(BRANCHES)}")

    def _tag(self):
        self._ask("PUT", f"{self._version()}/tags/main", {})

    def _untag(self):
        self._ask("DELETE", f"{self._version()}/tags/main")

    def _record(self, kind):
        found = self._ask("GET", self._version()).json
        links = found.get("_links", {}).get(f"pb:record-{kind}", [])
        for link in links:
            if link["name"] == self._pick(ENVIRONMENTS):
                self._ask("POST", link["href"], {"applicationInstance": self._pick(("", "blue"))})

    def _deploy(self):
        self._record("deployment")

    def _release(self):
        self._record("release")

    def _records(self, kind, state):
        for environment in self._ask("GET", "/environments").json["_embedded"]["environments"]:
            link = environment["_links"]["self"]["href"] + f"/{kind}/{state}"
            yield from self._ask("GET", link).json["_embedded"][
                "deployedVersions" if kind == "deployed-versions" else "releasedVersions"
            ]

    def _undeploy(self):
        if records := list(self._records("deployed-versions", "currently-deployed")):
            self._ask("PATCH", self._pick(records)["_links"]["self"]["href"], {"currentlyDeployed": False})

    def _end_support(self):
        if records := list(self._records("released-versions", "currently-supported")):
            self._ask("PATCH", self._pick(records)["_links"]["self"]["href"], {"currentlySupported": False})

    def _choose_main_branch(self):
        self._ask(
            "PATCH", f"/pacticipants/{self._pick(NAMES)}", {"mainBranch": self._pick((*BRANCHES, None))}
        )

    def _delete_pact(self):
        consumer, provider = self._pair()
        url = f"/pacts/provider/{provider}/consumer/{consumer}/version/{self._pick(NUMBERS)}"
        self._ask("DELETE", url)

    def _delete_pacts(self):
        consumer, provider = self._pair()
        self._ask("DELETE", f"/pacts/provider/{provider}/consumer/{consumer}/branch/feature")

    def _delete_version(self):
        self._ask("DELETE", self._version())

    def _delete_result(self):
        consumer, provider = self._pair()
        self._ask(
            "DELETE", f"/pacts/provider/{provider}/consumer/{consumer}/latest/verification-results/latest"
        )

    def _delete_integration(self):
        if self._random.random() < 0.3:
            consumer, provider = self._pair()
            self._ask("DELETE", f"/integrations/provider/{provider}/consumer/{consumer}")

    def _delete_pacticipant(self):
        if self._random.random() < 0.3:
            self._ask("DELETE", f"/pacticipants/{self._pick(NAMES)}")

    def _clean_up(self):
        if self._random.random() < 0.3:
            with suppress(BusyError):  # another one cleans up
                clean(self.database, POLICY, self.clock.now, pace=Pace(pause=lambda _: None))


class CalmWorld(StandingWorld):
    """A world in which nearly all is verified, so that most results change no verdict."""

    successes = 0.95

    def __init__(self, client, database, seed):
        super().__init__(client, database, seed)
        self._writes = [
            *[self._result] * 14,
            *[self._verify_all] * 2,
            *[self._join_main, self._deploy] * 2,
            *[self._publish] * 5,
            *[self._release, self._clean_up],
            self._choose_main_branch,
            self._leave,
            self._delete_branch,
            self._tag,
            self._untag,
            self._undeploy,
            self._delete_result,
        ]

    def _join_main(self):
        name, number = self._pick(NAMES), self._pick(NUMBERS)
        self._ask("PUT", f"/pacticipants/{name}/branches/main/versions/{number}", {})

    def _verify_all(self):
        """Let each version of a provider verify all pacts with it."""
        consumer, provider = self._pair()
        listed = self._ask("GET", f"/pacts/provider/{provider}/consumer/{consumer}/versions").json
        for pact in listed.get("_embedded", {}).get("pacts", []):
            answer = self._ask("GET", pact["_links"]["self"]["href"])
            for number in NUMBERS if answer.status_code == 200 else ():
                url = answer.json["_links"]["pb:publish-verification-results"]["href"]
                result = a_verification_result(number, success=True)
                self.results += self._ask("POST", url, result).status_code == 201
