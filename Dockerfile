# syntax=docker/dockerfile:1
# One image for the server (`tally serve`, the default) and for every other command of the broker. The server wants
# TALLY_BASIC_AUTH_USERNAME and TALLY_BASIC_AUTH_PASSWORD, because it listens to the network; docker-compose.yml
# shows it with PostgreSQL.

ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/tallystick
WORKDIR /source
COPY . .
RUN /opt/tallystick/bin/pip install --constraint constraints.txt '.[broker]' \
    && /opt/tallystick/bin/pip uninstall --yes pip

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="Tallystick" \
      org.opencontainers.image.description="A Pact-compatible broker" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/tallystick tallystick
COPY --from=build /opt/tallystick /opt/tallystick
ENV PATH=/opt/tallystick/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TALLY_HOST=0.0.0.0 \
    TALLY_PORT=9292 \
    TALLY_DATABASE_URL=sqlite:////var/lib/tallystick/tallystick.sqlite3
USER tallystick
WORKDIR /var/lib/tallystick
VOLUME /var/lib/tallystick
EXPOSE 9292
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --start-interval=1s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"TALLY_PORT\"]}/diagnostic/status/heartbeat', timeout=2)"]
ENTRYPOINT ["tally"]
CMD ["serve"]
