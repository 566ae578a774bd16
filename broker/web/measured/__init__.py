"""Where the measurements for Prometheus come from."""
