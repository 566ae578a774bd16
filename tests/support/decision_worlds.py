"""Random worlds and questions, for properties of decisions."""

from hypothesis import strategies as st
from support.decision_cases import Case
from support.decision_model import Model

from broker.domain.decisions.matrix import LatestBy
from broker.domain.decisions.selectors import Selector, Target

TRUE = st.just(value=True)
NAMES = st.sampled_from(["A", "B", "C"])
NUMBERS = st.sampled_from(["1", "2", "3"])
BRANCHES = st.sampled_from(["main", "feature"])
ENVIRONMENTS = st.sampled_from(["test", "production"])

EVENTS = st.one_of(
    st.tuples(st.just("version"), NAMES, NUMBERS, st.just("on"), BRANCHES),
    st.tuples(st.just("version"), NAMES, NUMBERS, st.just("tagged"), st.just("prod")),
    st.tuples(st.just("pact"), NAMES, NUMBERS, st.just("with"), NAMES),
    st.tuples(st.just("pact"), NAMES, NUMBERS, st.just("with"), NAMES, st.just("like"), NAMES, NUMBERS),
    st.tuples(st.sampled_from(["verified", "failed"]), NAMES, NUMBERS, NAMES, NUMBERS),
    st.tuples(st.just("deployed"), NAMES, NUMBERS, ENVIRONMENTS),
    st.tuples(st.just("deployed"), NAMES, NUMBERS, ENVIRONMENTS, st.just("as"), st.just("blue")),
    st.tuples(st.just("released"), NAMES, NUMBERS, ENVIRONMENTS),
)
SELECTORS = st.one_of(
    st.builds(Selector, NAMES, version=NUMBERS),
    st.builds(Selector, NAMES),
    st.builds(Selector, NAMES, branch=BRANCHES, latest=st.booleans()),
    st.builds(Selector, NAMES, tag=st.just("prod"), latest=st.booleans()),
    st.builds(Selector, NAMES, environment=ENVIRONMENTS),
    st.builds(Selector, NAMES, main_branch=TRUE, latest=st.booleans()),
    st.builds(Selector, NAMES, latest=TRUE),
)
TARGETS = st.one_of(
    st.builds(Target, environment=ENVIRONMENTS),
    st.builds(Target, tag=st.just("prod"), latest=st.booleans()),
    st.builds(Target, main_branch=TRUE, latest=st.booleans()),
    st.builds(Target, branch=BRANCHES, latest=st.booleans()),
    st.builds(Target, latest=st.booleans()),
)
QUESTIONS = st.builds(
    Case,
    st.just("a random question"),
    events=st.lists(EVENTS, min_size=4, max_size=25),
    one_is_enough=st.booleans(),
    selectors=st.lists(SELECTORS, min_size=1, max_size=3, unique=True).map(tuple),
    target=TARGETS,
    ignored=st.lists(st.builds(Selector, NAMES, version=st.none() | NUMBERS), max_size=1).map(tuple),
    latest_by=st.sampled_from(LatestBy),
)


def possible(case: Case) -> Model:
    """Return the world after what can have happened; leave the other events out of the case.

    Every application has a version from the start, so that questions can be asked about it.
    """
    model = Model()
    happened = []
    for verb, *words in [*(("version", name, "0") for name in "ABC"), *case.events]:
        if _is_possible(model, verb, words):
            getattr(model, verb)(*words)
            happened.append((verb, words))
    case.events = happened
    return model


def _is_possible(model: Model, verb: str, words: list[str]) -> bool:
    if verb == "pact":
        consumer, number, _, provider, *like = words
        published_before = ((consumer, number), provider) in model.pacts
        source_is_there = not like or (like[1] == consumer and ((like[1], like[2]), provider) in model.pacts)
        return not published_before and source_is_there
    if verb in {"verified", "failed"}:
        provider, _, consumer, number = words
        return ((consumer, number), provider) in model.pacts
    if verb in {"deployed", "released"}:
        return (words[0], words[1]) in model.versions
    return True
