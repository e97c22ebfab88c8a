# Slicepilot's images: docker build --target xapp|e2sim|trainer .
#
# An image holds one program in /opt/slicepilot, without pip and compilers, and runs it as user
# 10001. The root file system may be read-only: what is written is named as a volume below.

FROM python:3.11-slim-bookworm AS builder
SHELL ["/bin/sh", "-euc"]
# For trim.sh; whichever version Debian's stable release has is right.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils \
  && rm -rf /var/lib/apt/lists/*
# The constraints hold for build back ends too. Bytecode is made below, of what is imported.
ENV PIP_CONSTRAINT=/src/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_PROGRESS_BAR=off \
    PIP_ROOT_USER_ACTION=ignore \
    ORT_DISABLE_TELEMETRY=1
WORKDIR /src
RUN python -m venv --without-pip /opt/slicepilot
COPY constraints.txt pyproject.toml ./
COPY deploy/image/requirements.py deploy/image/


FROM builder AS source
COPY LICENSE README.md hatch_build.py ./
COPY oran oran
COPY xapp xapp
COPY e2sim e2sim
COPY trainer trainer
RUN --mount=type=cache,target=/root/.cache/pip \
  pip wheel --no-deps --wheel-dir /dist .


FROM builder AS xapp-libraries
RUN --mount=type=cache,target=/root/.cache/pip \
  python deploy/image/requirements.py xapp pyproject.toml > /tmp/requirements.txt \
  && pip --python /opt/slicepilot/bin/python install --no-compile --requirement /tmp/requirements.txt


# The wheel whose hot modules are compiled (hatch_build.py), against the types of the libraries. Only
# the xApp gets it: the trainer compiles the same modules in its own way, from their sources.
FROM xapp-libraries AS xapp-compiled
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
  && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache/pip \
  python deploy/image/requirements.py build pyproject.toml > /tmp/requirements.txt \
  && pip --python /opt/slicepilot/bin/python install --no-compile --requirement /tmp/requirements.txt
COPY --from=source /src /src
RUN HATCH_BUILD_HOOK_ENABLE_CUSTOM=true \
  pip --python /opt/slicepilot/bin/python wheel --no-build-isolation --no-deps --wheel-dir /dist .


FROM xapp-libraries AS xapp-environment
COPY deploy/image deploy/image
RUN --mount=from=xapp-compiled,source=/dist,target=/dist \
  pip --python /opt/slicepilot/bin/python install --no-compile --no-cache-dir --no-deps /dist/*.whl \
  && sh deploy/image/trim.sh /opt/slicepilot xapp \
  && /opt/slicepilot/bin/python deploy/image/warm.py xapp


FROM builder AS e2sim-environment
RUN --mount=type=cache,target=/root/.cache/pip \
  python deploy/image/requirements.py e2sim pyproject.toml > /tmp/requirements.txt \
  && pip --python /opt/slicepilot/bin/python install --no-compile --requirement /tmp/requirements.txt
COPY deploy/image deploy/image
RUN --mount=from=source,source=/dist,target=/dist \
  pip --python /opt/slicepilot/bin/python install --no-compile --no-cache-dir --no-deps /dist/*.whl \
  && sh deploy/image/trim.sh /opt/slicepilot e2sim \
  && NUMBA_CACHE_DIR=/opt/slicepilot/kernels /opt/slicepilot/bin/python deploy/image/warm.py e2sim \
  && sha256sum /dist/*.whl > /opt/slicepilot/build \
  && install -m 755 deploy/image/e2sim.sh /opt/slicepilot/e2sim.sh


FROM builder AS trainer-environment
# An index with PyTorch's builds for the CPU, which are a tenth of the default's size. pip reads the
# variable itself.
ARG PIP_EXTRA_INDEX_URL
RUN --mount=type=cache,target=/root/.cache/pip \
  python deploy/image/requirements.py trainer pyproject.toml > /tmp/requirements.txt \
  && pip --python /opt/slicepilot/bin/python install --no-compile --requirement /tmp/requirements.txt
COPY deploy/image deploy/image
RUN --mount=from=source,source=/dist,target=/dist \
  pip --python /opt/slicepilot/bin/python install --no-compile --no-cache-dir --no-deps /dist/*.whl \
  && rm /opt/slicepilot/bin/xapp \
  && /opt/slicepilot/bin/python deploy/image/warm.py trainer


FROM python:3.11-slim-bookworm AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="Slicepilot" \
      org.opencontainers.image.base.name="python:3.11-slim-bookworm"
RUN groupadd --gid 10001 slicepilot \
  && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp \
    --shell /usr/sbin/nologin slicepilot
ENV PATH=/opt/slicepilot/bin:$PATH \
    HOME=/tmp \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1
WORKDIR /tmp
STOPSIGNAL SIGTERM


FROM runtime AS trainer
LABEL org.opencontainers.image.title="Slicepilot trainer" \
      org.opencontainers.image.description="Trains, evaluates and exports policies for the Slicepilot xApp"
COPY --from=trainer-environment /opt/slicepilot /opt/slicepilot
RUN install -d -m 1777 /runs /var/cache/numba
ENV NUMBA_CACHE_DIR=/var/cache/numba
USER 10001:10001
VOLUME ["/runs", "/var/cache/numba"]
WORKDIR /runs
# A job that runs to its end: its exit code tells, there is nothing to probe.
HEALTHCHECK NONE
ENTRYPOINT ["trainer"]
CMD ["--help"]


FROM runtime AS e2sim
LABEL org.opencontainers.image.title="Slicepilot e2sim" \
      org.opencontainers.image.description="Emulated E2 node: a sliced cell that sends reports and applies decisions"
COPY --from=e2sim-environment /opt/slicepilot /opt/slicepilot
COPY deploy/image/healthcheck.py /opt/slicepilot/healthcheck.py
RUN install -d -m 1777 /var/cache/numba
ENV NUMBA_CACHE_DIR=/var/cache/numba \
    E2SIM_TARGET=http://xapp:8080
USER 10001:10001
VOLUME ["/var/cache/numba"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
  CMD ["python", "-I", "-S", "/opt/slicepilot/healthcheck.py", "e2sim"]
ENTRYPOINT ["/opt/slicepilot/e2sim.sh"]
CMD ["run"]


# The last target is the one that a plain `docker build .` makes.
FROM runtime AS xapp
LABEL org.opencontainers.image.title="Slicepilot xApp" \
      org.opencontainers.image.description="Cross-layer resource manager for sliced 5G/6G networks: an O-RAN near-RT RIC xApp"
COPY --from=xapp-environment /opt/slicepilot /opt/slicepilot
COPY deploy/image/healthcheck.py /opt/slicepilot/healthcheck.py
ENV XAPP_HOST=0.0.0.0 \
    XAPP_PORT=8080
USER 10001:10001
# HTTP; and E2 nodes, where XAPP_E2__LISTEN is set. A note for people: with sctp:// it is 36421/sctp.
EXPOSE 8080 36421
HEALTHCHECK --interval=2s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-I", "-S", "/opt/slicepilot/healthcheck.py", "xapp"]
ENTRYPOINT ["xapp"]
CMD ["serve"]
