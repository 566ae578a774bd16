import re

from broker.services.webhooks.webhooks import new_uuid


def test_no_uuid_begins_like_an_option():
    uuids = [new_uuid() for _ in range(2000)]

    assert [uuid for uuid in uuids if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{21}", uuid)] == []
    assert len(set(uuids)) == len(uuids)
