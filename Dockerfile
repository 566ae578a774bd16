# One image for the server (`tally serve`, the default), the worker and every other command of the broker. It listens
# to the network, so the server wants accounts, or TALLY_BASIC_AUTH_USERNAME and TALLY_BASIC_AUTH_PASSWORD.
# docs/deploy/image.md tells how to build it behind a proxy and without a registry; docker-compose.yml shows it with
# PostgreSQL. It builds with docker, podman and buildah 1.28: there is nothing here that only one of them knows.

# Both need the same Python, that of the build also venv.
ARG PYTHON=3.12-slim-bookworm
ARG BASE=docker.io/library/python:${PYTHON}
ARG BUILD_BASE=${BASE}

FROM ${BUILD_BASE} AS build
# What is installed besides the commands: broker, and otel with it where traces are exported.
ARG EXTRAS=broker
# What a build needs and the image must not have: a configuration of pip, and certificates to trust besides its own.
ENV PIP_CONFIG_FILE=/run/secrets/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/tallystick
WORKDIR /source
COPY . .
RUN --mount=type=secret,id=pip --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then \
        cat /etc/ssl/certs/ca-certificates.crt /run/secrets/ca > /tmp/ca.pem && export PIP_CERT=/tmp/ca.pem; \
    fi \
    && /opt/tallystick/bin/pip install --constraint constraints.txt ".[${EXTRAS}]" \
    && /opt/tallystick/bin/pip uninstall --yes pip setuptools

FROM ${BASE}
LABEL org.opencontainers.image.title="Tallystick" \
      org.opencontainers.image.description="A Pact-compatible broker" \
      org.opencontainers.image.licenses="MIT"
# No home is made: it would bring /etc/skel into the volume. Platforms that choose the user, such as OpenShift, keep
# the group 0.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/tallystick \
        --shell /usr/sbin/nologin tallystick \
    && install --directory --owner tallystick --group 0 --mode 0770 /var/lib/tallystick
COPY --from=build /opt/tallystick /opt/tallystick
ENV PATH=/opt/tallystick/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TALLY_HOST=0.0.0.0 \
    TALLY_PORT=9292 \
    TALLY_DATABASE_URL=sqlite:////var/lib/tallystick/tallystick.sqlite3 \
    TALLY_WORKER_HEALTH_PORT=9293
# A number: Kubernetes cannot tell whether a name is root.
USER 10001
WORKDIR /var/lib/tallystick
VOLUME /var/lib/tallystick
EXPOSE 9292
STOPSIGNAL SIGTERM
# -I -S: it needs nothing of the environment's packages. No --start-interval: buildah 1.28 and podman 4.3 refuse it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-I", "-S", "/opt/tallystick/bin/tally-health"]
ENTRYPOINT ["tally"]
CMD ["serve"]
