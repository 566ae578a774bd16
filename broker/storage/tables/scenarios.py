"""Results of scenarios."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from broker.storage.tables.columns import BigId, id_column, metadata, moment

# What came of scenarios over several services, and under which versions.
scenario_results = Table(
    "scenario_results",
    metadata,
    id_column(),
    Column("title", String, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("build_url", Text),
    Column("test_results", LargeBinary),
    moment("created_at"),
)

scenario_result_versions = Table(
    "scenario_result_versions",
    metadata,
    Column(
        "scenario_result_id", BigId, ForeignKey("scenario_results.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("version_id", BigId, ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "version_id", "scenario_result_id"),
)
