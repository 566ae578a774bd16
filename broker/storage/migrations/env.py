"""How Alembic runs our migrations: on the connection, and in the transaction, of `upgrade`."""

from alembic import context

from broker.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
