"""In which order versions can go to an environment: small worlds, told in a few words."""

from datetime import UTC, datetime

from broker.domain.decisions.deploy_plan import Knowledge, Move, plan
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import VersionRef

VERDICTS = {"ok": Verdict.SUCCESS, "broken": Verdict.FAILED, "untested": Verdict.UNKNOWN}


def knowing(*lines):
    """Each line is "Shop 2 needs Orders 3: ok"."""
    rows = []
    for line in lines:
        pair, _, verdict = line.partition(": ")
        consumer, number, _, provider, *version = pair.split()
        rows.append(
            Row(
                consumer,
                VersionRef(1, number, 1),
                provider,
                VersionRef(1, version[0], 1) if version else None,
                VERDICTS[verdict],
                sha="",
                published_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
    return Knowledge(rows)


def moves(*texts):
    return [Move(*text.split()) for text in texts]


def there(**versions):
    return {name: frozenset(numbers.split()) for name, numbers in versions.items()}


def test_a_provider_goes_first_when_its_consumer_needs_the_new_version():
    known = knowing(
        "Shop 1 needs Orders 1: ok",
        "Shop 1 needs Orders 2: ok",
        "Shop 2 needs Orders 1: broken",
        "Shop 2 needs Orders 2: ok",
    )

    found = plan(moves("Shop 2", "Orders 2"), there(Shop="1", Orders="1"), known)

    assert found.steps == tuple(moves("Orders 2", "Shop 2"))
    assert found.is_possible


def test_a_consumer_goes_first_when_the_new_provider_breaks_the_old_consumer():
    known = knowing(
        "Shop 1 needs Orders 1: ok",
        "Shop 1 needs Orders 2: broken",
        "Shop 2 needs Orders 1: ok",
        "Shop 2 needs Orders 2: ok",
    )

    found = plan(moves("Orders 2", "Shop 2"), there(Shop="1", Orders="1"), known)

    assert found.steps == tuple(moves("Shop 2", "Orders 2"))


def test_there_is_no_order_when_each_breaks_what_is_there_of_the_other():
    known = knowing(
        "Shop 1 needs Orders 1: ok",
        "Shop 1 needs Orders 2: broken",
        "Shop 2 needs Orders 1: untested",
        "Shop 2 needs Orders 2: ok",
    )

    found = plan(moves("Shop 2", "Orders 2"), there(Shop="1", Orders="1"), known)

    assert found.steps == ()
    forbidden = {
        (blocked.move.pacticipant, clash.consumer.version, clash.provider_version, clash.verdict)
        for blocked in found.blocked
        for clash in blocked.clashes
    }
    assert forbidden == {("Shop", "2", "1", Verdict.UNKNOWN), ("Orders", "1", "2", Verdict.FAILED)}


def test_a_provider_that_is_not_there_has_to_come_first():
    known = knowing("Shop 1 needs Orders: untested", "Shop 1 needs Orders 1: ok")

    assert plan(moves("Shop 1", "Orders 1"), {}, known).steps == tuple(moves("Orders 1", "Shop 1"))
    (blocked,) = plan(moves("Shop 1"), {}, known).blocked
    assert [(clash.provider_name, clash.provider_version) for clash in blocked.clashes] == [("Orders", None)]


def test_somebody_else_who_is_there_and_would_break_forbids_it_in_any_order():
    known = knowing("App 5 needs Orders 1: ok", "App 5 needs Orders 2: broken")

    found = plan(moves("Shop 2", "Orders 2"), there(App="5", Orders="1"), known)

    assert found.steps == tuple(moves("Shop 2"))
    (blocked,) = found.blocked
    assert blocked.move == Move("Orders", "2")
    assert [clash.consumer for clash in blocked.clashes] == [Move("App", "5")]


def test_every_version_that_is_there_has_to_fit():
    known = knowing("Shop 2 needs Orders 1: ok", "Shop 2 needs Orders 2: broken")

    (blocked,) = plan(moves("Shop 2"), there(Orders="1 2"), known).blocked

    assert [clash.provider_version for clash in blocked.clashes] == ["2"]


def test_a_chain_of_three_goes_from_its_end():
    known = knowing(
        *(f"A {a} needs B {b}: {'ok' if a <= b else 'broken'}" for a in "12" for b in "12"),
        *(f"B {b} needs C {c}: {'ok' if b <= c else 'broken'}" for b in "12" for c in "12"),
    )

    found = plan(moves("A 2", "B 2", "C 2"), there(A="1", B="1", C="1"), known)

    assert found.steps == tuple(moves("C 2", "B 2", "A 2"))


def test_a_version_that_consumes_itself_has_to_keep_its_own_pact():
    assert plan(moves("A 1"), {}, knowing("A 1 needs A 1: ok")).is_possible
    assert not plan(moves("A 1"), {}, knowing("A 1 needs A 1: broken")).is_possible
