"""Orders and products, in SQLite."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from orders.model import Item, Order

TABLES = """
    create table if not exists products (sku text primary key, price_cents integer not null);
    create table if not exists orders (
        id integer primary key, customer text not null, items text not null,
        total_cents integer not null, status text not null, placed_at text not null
    );
"""


class UnknownProductError(LookupError):
    """Nobody sells this."""


class OrderBook:
    """Every order, in the database at *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._transaction() as database:
            database.executescript(TABLES)

    def find(self, number: int) -> Order | None:
        """Return the order with this number."""
        with self._transaction() as database:
            row = database.execute("select * from orders where id = ?", (number,)).fetchone()
        return _order(row) if row else None

    def with_status(self, status: str) -> list[Order]:
        """Return the orders with this status, oldest first."""
        with self._transaction() as database:
            rows = database.execute("select * from orders where status = ? order by id", (status,))
            return [_order(row) for row in rows]

    def place(self, customer: str, items: Sequence[Item], placed_at: str) -> Order:
        """Take an order at today's prices; raise UnknownProductError for what is not sold."""
        total = sum(self._price(item.sku) * item.quantity for item in items)
        return self.save(Order(0, customer, tuple(items), total, "open", placed_at))

    def pay(self, order: Order) -> Order:
        """Note that *order* is paid."""
        return self.save(replace(order, status="paid"))

    def save(self, order: Order) -> Order:
        """Store *order*, in place of the one with its number; the number 0 stands for a new one."""
        items = json.dumps([asdict(item) for item in order.items])
        values = (order.id or None, order.customer, items, order.total_cents, order.status, order.placed_at)
        with self._transaction() as database:
            number = database.execute("replace into orders values (?, ?, ?, ?, ?, ?)", values).lastrowid
        return replace(order, id=number or order.id)

    def remove(self, number: int) -> None:
        """Forget the order with this number, if there is one."""
        with self._transaction() as database:
            database.execute("delete from orders where id = ?", (number,))

    def sell(self, sku: str, price_cents: int) -> None:
        """Offer a product, or change its price."""
        with self._transaction() as database:
            database.execute("replace into products values (?, ?)", (sku, price_cents))

    def _price(self, sku: str) -> int:
        with self._transaction() as database:
            row = database.execute("select price_cents from products where sku = ?", (sku,)).fetchone()
        if row is None:
            raise UnknownProductError(sku)
        return int(row["price_cents"])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            database.row_factory = sqlite3.Row
            yield database


def _order(row: sqlite3.Row) -> Order:
    items = tuple(Item(**item) for item in json.loads(row["items"]))
    return Order(**{**dict(row), "items": items})
