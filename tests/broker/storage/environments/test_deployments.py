"""Deployments that are recorded at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import IntegrityError
from support.factories import NOON

from broker.storage.failures import may_be_run_again

pytestmark = pytest.mark.pooled


def test_many_deployments_at_once_leave_one_version_in_the_slot(database):
    numbers = [str(number) for number in range(8)]
    with database.transaction() as storage:
        shop = storage.pacticipants.find_or_create(["Shop"], NOON)["Shop"]
        versions = [storage.versions.find_or_create(shop, number, NOON)[0] for number in numbers]
        production = storage.environments.find_by_name("production")

    def deploy(version):
        database.write(lambda storage: storage.deployments.record(version, production, NOON))

    with ThreadPoolExecutor(len(versions)) as pool:
        list(pool.map(deploy, versions))

    with database.reading() as storage:
        assert len(storage.deployments.current(production)) == 1
        assert len(storage.deployments.of_versions(versions)) == len(versions)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_deployments_of_two_applications_to_one_environment_do_not_wait_for_each_other(database):
    with database.transaction() as storage:
        versions = []
        for name in ("Shop", "Orders"):
            pacticipant = storage.pacticipants.find_or_create([name], NOON)[name]
            versions.append(storage.versions.find_or_create(pacticipant, "1", NOON)[0])
        production = storage.environments.find_by_name("production")

    def deploy(version):
        database.write(lambda storage: storage.deployments.record(version, production, NOON))

    with ThreadPoolExecutor(1) as pool, database.transaction() as storage:
        storage.deployments.record(versions[0], production, NOON)
        # The first is not committed yet. A second that waits for it fails here, and goes on afterwards.
        pool.submit(deploy, versions[1]).result(timeout=5)

    with database.reading() as storage:
        assert len(storage.deployments.current(production)) == len(versions)


def test_one_release_recorded_many_times_at_once_is_one_record(database):
    with database.transaction() as storage:
        shop = storage.pacticipants.find_or_create(["Shop"], NOON)["Shop"]
        version, _ = storage.versions.find_or_create(shop, "1", NOON)
        production = storage.environments.find_by_name("production")

    def release(_):
        return database.write(lambda storage: storage.releases.record(version, production, NOON))

    with ThreadPoolExecutor(8) as pool:
        recorded = list(pool.map(release, range(8)))

    assert len({uuid for uuid, _ in recorded}) == 1
    assert sorted(created for _, created in recorded) == [False] * 7 + [True]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_deployment_of_a_version_that_is_deleted_meanwhile_is_asked_for_again(database):
    with database.transaction() as storage:
        shop = storage.pacticipants.find_or_create(["Shop"], NOON)["Shop"]
        version, _ = storage.versions.find_or_create(shop, "1", NOON)
        production = storage.environments.find_by_name("production")
    with database.transaction() as storage:
        storage.versions.delete(version)

    with pytest.raises(IntegrityError) as failed, database.transaction() as storage:
        storage.deployments.record(version, production, NOON)

    assert may_be_run_again(failed.value)
