"""Random worlds with pacts, results, documents, comparisons, policies and dependencies, and an oracle.

The oracle says in the words of docs/deciding.md whether a version can go to an environment. It shares nothing
with the broker: no statement, no row, no rule.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from support.contracts_in_storage import Document, StoredContracts
from support.decisions_over_http import Api

NAMES, NUMBERS, OPERATIONS = ("A", "B", "C"), ("1", "2"), ("read", "write")
ENVIRONMENT = "production"
names, numbers = st.sampled_from(NAMES), st.sampled_from(NUMBERS)


@st.composite
def _documents(draw):
    operations = tuple(draw(st.lists(st.sampled_from(OPERATIONS), unique=True, max_size=2)))
    needs = {}
    if draw(st.integers(0, 2)) == 0:
        needed = tuple(draw(st.lists(st.sampled_from(OPERATIONS), unique=True, max_size=2)))
        needs[draw(names)] = needed, draw(st.booleans())
    versions = draw(st.sampled_from([None, None, None, ">=2", "<2"])) if needs else None
    return Document(operations, needs, versions)


_PACT = st.tuples(st.just("pact"), names, numbers, names, st.sampled_from(["x", "y"]))
_EVENTS = st.one_of(
    _PACT,
    _PACT,
    st.tuples(st.just("replayed"), names, numbers, names, numbers, st.booleans()),
    st.tuples(st.just("documents"), names, numbers, st.sampled_from(["d", "e"]), _documents(), st.booleans()),
    st.tuples(st.just("documents"), names, numbers, st.just("d"), _documents(), st.just(value=True)),
    st.tuples(
        st.just("checked"), names, numbers, st.sampled_from(["d", "e"]), st.sampled_from([True, True, False])
    ),
    st.tuples(
        st.just("compared"),
        names,
        numbers,
        names,
        numbers,
        st.sampled_from(["compatible", "compatible", "compatible", "incompatible", "unknown"]),
        st.sampled_from([False, False, True]),
    ),
    st.tuples(
        st.just("policy"),
        names,
        st.sampled_from(["replay", "compared", "promise"]),
        st.sampled_from([False, True]),
    ),
    st.tuples(st.just("deployed"), names, numbers, st.sampled_from(["", "", "blue"])),
    st.tuples(st.just("deployed"), names, numbers, st.just("")),
)


@st.composite
def _histories(draw):
    """Begin with services that keep their documents, and that are there: few answers are unknown."""
    begun = []
    for name in draw(st.lists(names, unique=True, max_size=3)):
        number = draw(numbers)
        begun += [
            ("documents", name, number, "d", draw(_documents()), True),
            ("checked", name, number, "d", True),
            ("deployed", name, number, ""),
        ]
    pacts = draw(st.lists(_PACT, max_size=3))
    fits = [("compared", *pact[1:4], number, "compatible", False) for pact in pacts for number in NUMBERS]
    return [*begun, *pacts, *fits, *draw(st.lists(_EVENTS, max_size=25))]


HISTORIES = _histories()


@dataclass
class World:
    """Everything that happened, by (application, version number)."""

    versions: set = field(default_factory=set)
    pacts: dict = field(default_factory=dict)  # (consumer, number, provider): content
    replays: dict = field(default_factory=dict)  # (consumer, provider, content, number): success
    sets: dict = field(default_factory=dict)  # (service, number): {name: document}
    old: set = field(default_factory=set)  # the versions whose documents are from before the upgrade
    checks: dict = field(default_factory=dict)  # (service, number, document): success
    comparisons: dict = field(default_factory=dict)
    policies: dict = field(default_factory=dict)
    slots: dict = field(default_factory=dict)

    # What can happen; False when it cannot.

    def pact(self, consumer, number, provider, content):
        if consumer == provider or (consumer, number, provider) in self.pacts:
            return False
        self.versions.add((consumer, number))
        self.pacts[consumer, number, provider] = content
        return True

    def replayed(self, consumer, number, provider, version, success):
        if (consumer, number, provider) not in self.pacts:
            return False
        self.versions.add((provider, version))
        self.replays[consumer, provider, self.pacts[consumer, number, provider], version] = success
        return True

    def documents(self, name, number, key, document, decides):
        there = self.sets.get((name, number), {})
        if key in there or (there and not decides):
            return False
        self.versions.add((name, number))
        self.sets[name, number] = {**there, key: document}
        self.old.discard((name, number))
        if not decides:
            self.old.add((name, number))
        return True

    def checked(self, name, number, key, success):
        document = self.sets.get((name, number), {}).get(key)
        if document is None:
            return False
        self.checks[name, number, document.sha] = success
        return True

    def compared(self, consumer, number, provider, version, verdict, guaranteed):
        key = self._comparison(consumer, number, provider, version, guaranteed)
        if None in key[:2] or key in self.comparisons:
            return False
        self.comparisons[key] = verdict
        return True

    def policy(self, name, evidence, guaranteed):
        self.policies[name] = evidence, guaranteed
        return True

    def deployed(self, name, number, instance):
        if (name, number) not in self.versions:
            return False
        self.slots[name, instance] = number
        return True

    # What follows.

    def can_be_deployed(self, name, number):
        """Whether the version can go to the environment: None while something is not known."""
        found = []
        providers = {provider for each, n, provider in self.pacts if (each, n) == (name, number)}
        for provider in providers:
            there = self._there(provider, name, number)
            found += [self.pair(name, number, provider, version) for version in there] or [None]
        for consumer, version, provider in self.pacts:
            if provider == name and consumer != name and version in self._there(consumer, name, number):
                found.append(self.pair(consumer, version, name, number))
        found += self._needs_of(name, number, name, number)
        for consumer in set(NAMES) - {name}:
            for version in self._there(consumer, name, number):
                found += self._needs_of(consumer, version, name, number, of=name)
        if self._counts(name, number):
            found += [
                False
                for document in self.sets[name, number].values()
                if self._check(name, number, document) is False
            ]
        return None if None in found else all(found)

    def pair(self, consumer, number, provider, version):
        """Whether a consumer version and a provider version fit, as far as the pact says."""
        replay = self.replays.get((consumer, provider, self.pacts[consumer, number, provider], version))
        if not self._counts(provider, version):
            return replay
        evidence, guaranteed = self.policies.get(provider, ("compared", False))
        verdict = self.comparisons.get(self._comparison(consumer, number, provider, version, guaranteed))
        checks = {
            self._check(provider, version, document) for document in self.sets[provider, version].values()
        }
        if replay is False or verdict == "incompatible":
            return False
        if replay:
            return True
        if False in checks:
            return False
        enough = checks == {True} if evidence == "compared" else evidence == "promise"
        return True if verdict == "compatible" and enough else None

    def _comparison(self, consumer, number, provider, version, guaranteed):
        documents = self.sets.get((provider, version))
        content = self.pacts.get((consumer, number, provider))
        shas = documents and tuple(sorted((key, document.sha) for key, document in documents.items()))
        return content, shas, consumer, provider, guaranteed

    def _check(self, name, number, document):
        return self.checks.get((name, number, document.sha))

    def _counts(self, name, number):
        is_old = (name, number) in self.old and name not in self.policies
        return (name, number) in self.sets and not is_old

    def _there(self, name, asked, number):
        """The versions of an application in the environment; the one that is asked about is alone."""
        if name == asked:
            return {number}
        return {found for (each, _), found in self.slots.items() if each == name}

    def _needs_of(self, consumer, number, asked, version, of=None):
        """Whether each service that the documents of a version need, or one of them, has what is needed."""
        if not self._counts(consumer, number):
            return []
        needed = {}
        for document in self.sets[consumer, number].values():
            for service, (operations, required) in document.needs.items():
                if required and of in {None, service}:
                    needed.setdefault(service, []).append((operations, document.versions))
        found = []
        for service, all_needs in needed.items():
            there = self._there(service, asked, version)
            for other in there:
                each = [self._has(service, other, *one) for one in all_needs]
                found.append(False if False in each else None if None in each else True)
            found += [] if there else [None]
        return found

    def _has(self, service, number, operations, versions):
        if versions and (int(number) >= 2) != (versions == ">=2"):
            return False
        offered = self.sets.get((service, number))
        if offered is None:
            return None if operations else True
        there = {operation for document in offered.values() for operation in document.operations}
        return there.issuperset(operations)


def happen(history, client, database, clock):
    """Make everything happen that can, in a broker and in a world; yield the world after each event."""
    world, broker = World(), _Broker(client, database, clock)
    for verb, *words in history:
        if getattr(world, verb)(*words):
            getattr(broker, verb)(world, *words)
            yield world


def after(history, client, database, clock):
    """Return the world after everything that can happen has."""
    world = World()
    for world in happen(history, client, database, clock):  # noqa: B007 - the last one
        pass
    return world


class _Broker:
    """Lets the events of a world happen in a broker."""

    def __init__(self, client, database, clock):
        self._client = client
        self._api = Api(client)
        self._stored = StoredContracts(database, clock)
        self._shas = {}

    def pact(self, _, consumer, number, provider, content):
        published = [other for other in self._shas if (other[0], *other[2:]) == (consumer, provider, content)]
        like = ("like", *published[0][:2]) if published else ()
        with self._stored.without_comparing():
            self._api.pact(consumer, number, "with", provider, *like)
        pact = self._client.get(f"/pacts/provider/{provider}/consumer/{consumer}/version/{number}").json
        sha = pact["_links"]["pb:pact-version"]["href"].rpartition("/")[2]
        self._shas[consumer, number, provider, content] = sha

    def replayed(self, _, consumer, number, provider, version, success):
        getattr(self._api, "verified" if success else "failed")(provider, version, consumer, number)

    def documents(self, _, name, number, key, document, decides):
        self._stored.documents(name, number, {key: document}, decides=decides)

    def checked(self, world, name, number, key, success):
        self._stored.checked(name, number, world.sets[name, number][key], success=success)

    def compared(self, world, consumer, number, provider, version, verdict, guaranteed):
        sha = self._shas[consumer, number, provider, world.pacts[consumer, number, provider]]
        self._stored.compared((consumer, provider, sha), version, verdict, guaranteed=guaranteed)

    def policy(self, _, name, evidence, guaranteed):
        self._stored.policy(name, evidence, guaranteed=guaranteed)

    def deployed(self, _, name, number, instance):
        self._api.deployed(name, number, ENVIRONMENT, "as", instance)
