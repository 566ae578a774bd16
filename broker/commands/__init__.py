"""The commands of the broker: options -> Settings -> run, nothing else."""
