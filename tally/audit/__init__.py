"""The audit log as it leaves a broker: what is hashed, and how anybody checks it."""
