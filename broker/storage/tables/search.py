"""The index of the search (docs/decisions/0042-search.md)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from broker.storage.tables.columns import BigId, id_column, metadata, reference

# Texts are sorted by their bytes in both databases.
SORTED = String(collation="C").with_variant(String(), "sqlite")

# What has changed and is not in the index yet. Triggers add rows in the transaction of each change, also of
# what a deletion takes with it; *kind* says whose ids these are. See migrations/versions/0017_search.py.
search_queue = Table(
    "search_queue",
    metadata,
    id_column(),
    Column("kind", Integer, nullable=False),
    Column("thing_id", BigInteger, nullable=False),
    Column("other_id", BigInteger),  # of the provider, where *thing_id* is of the consumer
)

# One row for each thing that is found. What it belongs to takes it along when it is deleted.
search_entries = Table(
    "search_entries",
    metadata,
    id_column(),
    Column("kind", Integer, nullable=False),
    reference("pacticipant_id", "pacticipants", nullable=True),
    reference("integration_id", "integrations", nullable=True),
    reference("branch_id", "branches", nullable=True),
    reference("version_id", "versions", nullable=True),
    Column("text", Text, nullable=False),  # folded: what is searched
    Column("title", Text, nullable=False, default=""),  # the description of an interaction, or a state
    Column("method", String, nullable=False, default=""),
    Column("path", Text, nullable=False, default=""),
    Column("interaction", String, nullable=False, default=""),  # as links to the page of the pact call it
    Column("on_main", Boolean, nullable=False, default=False),  # whether the pact of the main branch has it
    Column("contents", String, nullable=False, default=""),  # of an integration: those that were read
    *(
        Index(
            None,
            name,
            sqlite_where=text(f"{name} IS NOT NULL"),
            postgresql_where=text(f"{name} IS NOT NULL"),
        )
        for name in ("pacticipant_id", "integration_id", "branch_id", "version_id")
    ),
)

search_words = Table(
    "search_words",
    metadata,
    id_column(),
    Column("kind", Integer, nullable=False),
    Column("word", SORTED, nullable=False),
    UniqueConstraint("kind", "word"),
)

# What words end with. Rows go with their word, by a statement: an index for a cascade would be as large.
search_endings = Table(
    "search_endings",
    metadata,
    Column("kind", Integer, primary_key=True),
    Column("ending", SORTED, primary_key=True),
    Column("word_id", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)

search_occurrences = Table(
    "search_occurrences",
    metadata,
    Column("word_id", BigId, ForeignKey("search_words.id", ondelete="CASCADE"), primary_key=True),
    Column("entry_id", BigId, ForeignKey("search_entries.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "entry_id"),
    sqlite_with_rowid=False,
)
