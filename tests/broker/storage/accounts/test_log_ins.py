"""Log-ins and sessions as they are stored, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from support.factories import NOON
from support.people import add_person, add_team

from broker.domain.accounts.permissions import Role
from broker.domain.accounts.providers import GroupRule, Provider, ProviderKind
from broker.domain.accounts.session import session_digest
from broker.services.accounts import log_in as logging_in
from broker.services.accounts import sessions
from broker.services.accounts.log_in import LogInRefusedError, ProvidedPerson
from broker.services.accounts.sessions import Client

CLIENT = Client("127.0.0.1", "Firefox")
RULES = (GroupRule("p", Role.PUBLISHER, "Payments"), GroupRule("boss", Role.ADMINISTRATOR))
OKTA = Provider(
    "okta",
    ProviderKind.OPENID,
    "Okta",
    "https://x.example",
    "id",
    "",
    "openid",
    "groups",
    RULES,
    frozenset({"staff"}),
)


def a_person(*groups, subject="1"):
    return ProvidedPerson(subject, ("anna",), "Anna", "anna@example.org", frozenset(groups))


def log_in(database, *groups, now=NOON, **options):
    who = a_person(*groups, **options)
    return database.write(lambda storage: logging_in.by_provider(storage, OKTA, who, CLIENT, now))


def test_groups_decide_anew_at_each_log_in(database):
    team = add_team(database, "payments")
    _, person = log_in(database, "staff", "p", "boss")
    with database.reading() as storage:
        assert len(storage.log_ins.grants(person.id)) == 3

    log_in(database, "p")
    with database.reading() as storage:
        assert [(grant.role, grant.team_id) for grant in storage.log_ins.grants(person.id)] == [
            (Role.PUBLISHER, team)
        ]

    assert isinstance(log_in(database), LogInRefusedError)
    with database.reading() as storage:
        assert storage.log_ins.grants(person.id) == frozenset()
        assert sessions.every(storage, person.id, NOON) == []


def test_of_many_first_log_ins_at_once_one_makes_the_account(database):
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: log_in(database, "staff")[1].id, range(4)))

    assert len(set(found)) == 1
    with database.reading() as storage:
        assert len(sessions.every(storage, found[0], NOON)) == 4


def test_the_same_name_of_two_people_gets_a_number(database):
    names = [log_in(database, "staff", subject=str(number))[1].name for number in range(3)]

    assert names == ["anna", "anna-2", "anna-3"]


def test_of_many_who_use_a_link_at_once_one_gets_in(database):
    account_id = add_person(database)
    with database.transaction() as storage:
        code = logging_in.new_link(storage, account_id, NOON)

    def use(_):
        try:
            database.write(lambda storage: logging_in.by_link(storage, code, CLIENT, NOON))
        except LogInRefusedError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(use, range(4))) == 1


def test_of_many_who_use_an_answer_at_once_one_is_the_first(database):
    def use(_):
        return database.write(lambda storage: logging_in.is_first_use(storage, "state", NOON))

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(use, range(4))) == 1


@pytest.mark.parametrize(("minutes", "is_first"), [(59, False), (119, False)])
def test_an_answer_is_known_on_both_sides_of_a_full_hour(database, minutes, is_first):
    with database.transaction() as storage:
        assert logging_in.is_first_use(storage, "state", NOON)
        later = NOON + timedelta(minutes=minutes)

        assert logging_in.is_first_use(storage, "state", later) is is_first


def test_a_session_can_be_renewed_ended_and_removed_when_it_is_over(database):
    account_id = add_person(database)
    with database.transaction() as storage:
        first, second = (sessions.begin(storage, account_id, "link", CLIENT, NOON) for _ in range(2))
        renewed = sessions.renew(storage, first.session, NOON)
        assert storage.sessions.find(session_digest(first.text)) is None
        assert storage.sessions.find(session_digest(renewed.text)) == renewed.session
        assert sessions.renew(storage, first.session, NOON) is None
        assert sessions.end_all(storage, account_id, NOON, but=renewed.session) == 1
        assert storage.sessions.find(second.session.digest) is None
        later = sessions.stay(storage, renewed.session, NOON + timedelta(hours=1))
        assert storage.sessions.find(renewed.session.digest) == later

    with database.transaction() as storage:
        assert sessions.remove_ended(storage, NOON + timedelta(hours=2)) == 0
        assert sessions.remove_ended(storage, NOON + timedelta(hours=3)) == 1


def test_links_and_tries_that_are_over_are_removed(database):
    account_id = add_person(database)
    with database.transaction() as storage:
        code = logging_in.new_link(storage, account_id, NOON)
        logging_in.failed(storage, "anna", CLIENT, NOON)
        assert logging_in.seconds_to_wait(storage, "ANNA", CLIENT, 1, NOON) == 60
        assert logging_in.seconds_to_wait(storage, "anna", CLIENT, 2, NOON) == 0
        assert logging_in.seconds_to_wait(storage, "anna", CLIENT, 0, NOON) == 0

        assert sessions.remove_ended(storage, NOON + timedelta(hours=3)) == 2
        assert storage.log_in_links.use(session_digest(code), NOON) is None
