"""What happened last in an integration, and how large its pact was after each day of a publication."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.insights.activity import Activity, ContractSize, Pair, SizeKey, newer, sizes, with_new
from broker.domain.insights.counts import PublicationToCount, ResultToCount
from broker.storage.dialects import is_in
from broker.storage.tables import contract_sizes, integration_activity

_PAIR = ("consumer_id", "provider_id")
_ACTIVITY = ("first_at", "result_at", "failure_at", "published_at", "interactions", "size")
_SIZE = ("publications", "interactions", "size", "published_at")
_active, _sizes = integration_activity.c, contract_sizes.c
_KEPT = select(*(_active[name] for name in (*_PAIR, *_ACTIVITY))).where(
    is_in(_active.provider_id, "provider_ids"), is_in(_active.consumer_id, "consumer_ids")
)
_PUT = insert(integration_activity)
_PUT = _PUT.on_conflict_do_update(
    index_elements=_PAIR, set_={name: _PUT.excluded[name] for name in _ACTIVITY}
)
_KEPT_SIZES = select(*(_sizes[name] for name in (*_PAIR, "day", *_SIZE))).where(
    is_in(_sizes.provider_id, "provider_ids"),
    is_in(_sizes.consumer_id, "consumer_ids"),
    _sizes.day.in_(bindparam("days", expanding=True)),
)
_PUT_SIZE = insert(contract_sizes)
_PUT_SIZE = _PUT_SIZE.on_conflict_do_update(
    index_elements=[*_PAIR, "day"], set_={name: _PUT_SIZE.excluded[name] for name in _SIZE}
)


class IntegrationActivity:
    """Changed only while the counters are held, see `Counters.hold`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, results: Sequence[ResultToCount], publications: Sequence[PublicationToCount]) -> None:
        """Note what happened."""
        pairs = {Pair(each.consumer_id, each.provider_id) for each in results}
        pairs |= {Pair(each.consumer_id, each.provider_id) for each in publications}
        if not pairs:
            return
        kept = {Pair(*row[:2]): Activity(*row[2:]) for row in self._find(_KEPT, pairs)}
        found = with_new(kept, results, publications)
        self._connection.execute(_PUT, [{**vars(pair), **vars(found[pair])} for pair in sorted(found)])
        if publications:
            self._add_sizes(sizes(publications), pairs)

    def _add_sizes(self, new: Mapping[SizeKey, ContractSize], pairs: Iterable[Pair]) -> None:
        days = sorted({key.day for key in new})
        kept = {
            SizeKey(*row[:3]): ContractSize(*row[3:]) for row in self._find(_KEPT_SIZES, pairs, days=days)
        }
        rows = [{**vars(key), **vars(newer(kept.get(key), new[key]))} for key in sorted(new)]
        self._connection.execute(_PUT_SIZE, rows)

    def _find(self, statement: Any, pairs: Iterable[Pair], **values: Any) -> Iterable[Any]:
        known = list(pairs)
        ids = {
            "provider_ids": sorted({pair.provider_id for pair in known}),
            "consumer_ids": sorted({pair.consumer_id for pair in known}),
        }
        return self._connection.execute(statement, {**ids, **values})
