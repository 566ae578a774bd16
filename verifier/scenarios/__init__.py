"""Scenarios: the workflows of Arazzo documents over several services, scheduled, reported and published."""
