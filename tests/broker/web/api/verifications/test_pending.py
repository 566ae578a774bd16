"""Pending pacts, and work in progress (reference §7)."""

from support.pacts_to_verify import texts


def test_a_pact_is_pending_until_it_was_verified_from_the_branch(publish, ask, verify):
    publish("1")

    [before] = ask({"mainBranch": True}, providerVersionBranch="main")
    verify(before, "p1", success=False)
    [failed] = ask({"mainBranch": True}, providerVersionBranch="main")
    verify(failed, "p2")
    [verified] = ask({"mainBranch": True}, providerVersionBranch="main")

    pending = [pact["verificationProperties"]["pending"] for pact in (before, failed, verified)]
    assert pending == [True, True, False]
    assert texts(before, "after_verification:success_true_published_true")
    assert not texts(verified, "after_verification:success_true_published_true")


def test_a_branch_inherits_what_was_verified_before_it_began_and_nothing_later(broker, publish, ask, verify):
    publish("1")
    broker.put("/pacticipants/Orders/branches/old/versions/p0", json={})
    [pact] = ask({"mainBranch": True}, providerVersionBranch="main")
    verify(pact, "p1")
    broker.put("/pacticipants/Orders/branches/new/versions/p2", json={})

    [for_old] = ask({"mainBranch": True}, providerVersionBranch="old")
    [for_new] = ask({"mainBranch": True}, providerVersionBranch="new")
    [for_unknown] = ask({"mainBranch": True}, providerVersionBranch="not there yet")

    pending = [asked["verificationProperties"]["pending"] for asked in (for_old, for_new, for_unknown)]
    assert pending == [True, False, False]


def test_without_a_branch_any_success_ends_pending(publish, ask, verify):
    publish("1")
    [before] = ask({"mainBranch": True})
    verify(before, "p1", branch="anything")

    [after] = ask({"mainBranch": True})

    assert before["verificationProperties"]["pending"] is True
    assert after["verificationProperties"]["pending"] is False


def test_pending_is_left_out_when_it_is_not_wanted(publish, ask):
    publish("1")

    [pact] = ask({"mainBranch": True}, includePendingStatus=False)

    assert "pending" not in pact["verificationProperties"]
    assert len(texts(pact)) == 1


def test_work_in_progress_is_verified_until_it_was_selected_explicitly(publish, ask, verify):
    publish("1")
    publish("2", "b", branch="feat")
    wip = {"includeWipPactsSince": "2020-01-01", "providerVersionBranch": "main"}

    explicit, in_progress = ask({"mainBranch": True}, **wip)
    verify(in_progress, "p1")
    still = ask({"mainBranch": True}, **wip)
    [selected] = ask({"branch": "feat"}, **wip)[:1]
    verify(selected, "p2")
    finally_ = ask({"mainBranch": True}, **wip)

    assert "wip" not in explicit["verificationProperties"]
    assert in_progress["verificationProperties"]["wip"] is True
    assert in_progress["verificationProperties"]["pending"] is True
    assert len(still) == 2
    assert len(finally_) == 1
