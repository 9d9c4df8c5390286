# To pin an image, give it with its digest: --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:…
ARG NODE_IMAGE=node:22-slim
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${NODE_IMAGE} AS graphiql
WORKDIR /build/graphiql
COPY graphiql/.npmrc graphiql/package.json graphiql/package-lock.json ./
RUN npm ci --silent
COPY graphiql ./
RUN npm run build -- --logLevel warn

FROM ${NODE_IMAGE} AS console
WORKDIR /build/console
COPY console/.npmrc console/package.json console/package-lock.json ./
RUN npm ci --silent
COPY schema.graphql ../
COPY console ./
RUN npm run build -- --logLevel warn

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements.lock requirements-build.lock ./
# The environment has no pip of its own: the server cannot install anything. Wheels only, so nothing is compiled either.
RUN python -m venv --without-pip /opt/graphql-api \
    && pip --python /opt/graphql-api/bin/python install --no-deps --require-hashes --only-binary :all: -r requirements.lock \
    && pip install --no-deps --require-hashes --only-binary :all: -r requirements-build.lock
COPY LICENSE hatch_build.py pyproject.toml ./
COPY graphql_api graphql_api
COPY --from=console /build/graphql_api/http/console_assets graphql_api/http/console_assets
COPY --from=graphiql /build/graphql_api/http/graphql/graphiql_assets graphql_api/http/graphql/graphiql_assets
RUN pip wheel --no-deps --no-index --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/graphql-api/bin/python install --no-deps --no-index dist/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="finetuning-graphql-api" \
      org.opencontainers.image.description="Creates, watches and cancels fine-tuning jobs at OpenAI-compatible providers" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/graphql-api /opt/graphql-api
ENV PATH=/opt/graphql-api/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000
# A number, so that an orchestrator can verify it is not root.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/livez', timeout=4)"]
ENTRYPOINT ["graphql-api"]
CMD ["serve"]
