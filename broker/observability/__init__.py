"""Who is told of requests and their answers: the access log, and collectors of OpenTelemetry."""
