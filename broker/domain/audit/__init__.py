"""The audit log: who did what, and the seals that show whether it was changed afterwards."""
