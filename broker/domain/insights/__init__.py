"""What results say over time: counts, durations, and the gates that they must pass."""
