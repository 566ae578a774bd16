"""Laws of every plan, in random small worlds, checked by trying every order."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from support.factories import NOON
from support.searching import search

from broker.domain.decisions.can_i_deploy import Integration, Question, Situation, can_i_deploy, relevant
from broker.domain.decisions.deploy_plan import Knowledge, Move, after, plan
from broker.domain.decisions.matrix import LatestBy, Row, Verdict
from broker.domain.decisions.selectors import Choice, Selector, Target, VersionRef

APPLICATIONS = ("A", "B", "C", "D")
NUMBERS = ("1", "2")
VERSIONS = [Move(name, number) for name in APPLICATIONS for number in NUMBERS]
PAIRS = [
    (consumer, provider)
    for consumer in VERSIONS
    for provider in APPLICATIONS
    if provider != consumer.pacticipant
]


@st.composite
def worlds(draw):
    """Which versions have pacts with whom, what came of them, what is there, and what is to go there."""
    needs = draw(st.sets(st.sampled_from(PAIRS), max_size=8))
    verdicts = st.sampled_from([Verdict.SUCCESS, Verdict.SUCCESS, Verdict.FAILED, Verdict.UNKNOWN])
    results = {
        (consumer, Move(provider, number)): draw(verdicts)
        for consumer, provider in sorted(needs)
        for number in NUMBERS
    }
    there = {
        name: frozenset(draw(st.sets(st.sampled_from(NUMBERS), max_size=2)))
        for name in draw(st.sets(st.sampled_from(APPLICATIONS)))
    }
    names = draw(st.lists(st.sampled_from(APPLICATIONS), min_size=1, max_size=4, unique=True))
    moves = [Move(name, draw(st.sampled_from(NUMBERS))) for name in names]
    return needs, results, there, moves


def rows(needs, results):
    """Return the rows that the storage would find."""
    known = {pair: verdict for pair, verdict in results.items() if verdict is not Verdict.UNKNOWN}
    verified = [
        row(consumer, provider.pacticipant, provider, verdict)
        for (consumer, provider), verdict in known.items()
    ]
    with_results = {(consumer, provider.pacticipant) for consumer, provider in known}
    return verified + [
        row(consumer, provider, None, Verdict.UNKNOWN)
        for consumer, provider in sorted(needs)
        if (consumer, provider) not in with_results
    ]


def row(consumer, provider, version, verdict):
    found = ref(version) if version else None
    return Row(consumer.pacticipant, ref(consumer), provider, found, verdict, sha="", published_at=NOON)


def ref(release):
    return VersionRef(VERSIONS.index(release), release.version, int(release.version))


def fits(world, move, there):
    """Return whether can-i-deploy says yes to a version, in the environment as it is."""
    needs, results, _, _ = world
    here = {**there, move.pacticipant: frozenset()}
    question = Question(
        (Selector(move.pacticipant, version=move.version),),
        Target(environment="production"),
        latest_by=LatestBy.CVPV,
    )
    specified = Choice(question.selectors[0], (ref(move),))
    integrations = relevant(
        [
            *(Integration(c.pacticipant, p) for c, p in needs if c == move),
            *(Integration(c.pacticipant, p, required=False) for c, p in needs if p == move.pacticipant),
        ],
        question,
    )
    involved = {name for pair in integrations for name in (pair.consumer, pair.provider)} - {move.pacticipant}
    inferred = [
        Choice(
            Selector(name, environment="production"),
            tuple(ref(Move(name, number)) for number in sorted(here.get(name, ()))),
            specified=False,
        )
        for name in sorted(involved)
    ]
    choices = (specified, *inferred)
    found = tuple(of_choices(needs, results, choices, move))
    situation = Situation(choices, integrations, found)
    return can_i_deploy(question, situation, every_version_counts=True).deployable is True


def of_choices(needs, results, choices, move):
    """Yield what the storage finds: the pacts of the chosen versions with each other, and their results."""
    chosen = {
        choice.selector.pacticipant: {version.number for version in choice.versions} for choice in choices
    }
    for consumer, provider in sorted(needs):
        involved = consumer.version in chosen.get(consumer.pacticipant, ()) and provider in chosen
        if not involved or move.pacticipant not in {consumer.pacticipant, provider}:
            continue
        known = [
            row(consumer, provider, Move(provider, number), results[consumer, Move(provider, number)])
            for number in sorted(chosen[provider])
            if results[consumer, Move(provider, number)] is not Verdict.UNKNOWN
        ]
        yield from known or [row(consumer, provider, None, Verdict.UNKNOWN)]


def possible(world, order):
    """Return whether can-i-deploy says yes to each step of an order, one after the other."""
    there = world[2]
    for move in order:
        if not fits(world, move, there):
            return False
        there = after(there, [move])
    return True


@search()
@given(world=worlds())
def test_each_step_of_a_plan_is_allowed_by_can_i_deploy(world):
    needs, results, there, moves = world

    found = plan(moves, there, Knowledge(rows(needs, results)))

    assert possible(world, found.steps)
    assert {*found.steps, *(blocked.move for blocked in found.blocked)} == set(moves)


@search()
@given(world=worlds())
def test_there_is_a_plan_exactly_when_one_of_all_orders_is_possible(world):
    needs, results, there, moves = world

    found = plan(moves, there, Knowledge(rows(needs, results)))

    assert found.is_possible == any(possible(world, order) for order in permutations(moves))


@search()
@given(world=worlds())
def test_no_order_gets_further_and_what_is_named_forbids_the_next_step(world):
    needs, results, there, moves = world

    found = plan(moves, there, Knowledge(rows(needs, results)))

    reachable = [order for length in range(len(moves) + 1) for order in permutations(moves, length)]
    assert len(found.steps) == max(len(order) for order in reachable if possible(world, order))
    state = after(there, found.steps)
    for blocked in found.blocked:
        assert blocked.clashes
        with_it = after(state, [blocked.move])
        for clash in blocked.clashes:
            assert blocked.move.pacticipant in {clash.consumer.pacticipant, clash.provider_name}
            assert clash.consumer.version in with_it[clash.consumer.pacticipant]
            if clash.provider_version is None:
                assert not with_it.get(clash.provider_name)
                continue
            assert clash.provider_version in with_it[clash.provider_name]
            pair = (clash.consumer, Move(clash.provider_name, clash.provider_version))
            assert results[pair] is clash.verdict is not Verdict.SUCCESS


@search()
@given(world=worlds())
def test_the_order_in_which_versions_are_named_changes_nothing_but_the_order_of_equals(world):
    needs, results, there, moves = world
    known = Knowledge(rows(needs, results))

    one, other = plan(moves, there, known), plan(moves[::-1], there, known)

    assert one.is_possible == other.is_possible
    assert len(one.steps) == len(other.steps)
