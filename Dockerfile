# syntax=docker/dockerfile:1
#
# docker build --tag hallmark .
#
# A registry for this machine alone, on 127.0.0.1:9292:
#   docker run --network host --volume images:/var/lib/hallmark hallmark
#
# A registry for others needs a way to tell who they are, and then an address beyond the loopback:
#   docker run --publish 9292:9292 --volume images:/var/lib/hallmark \
#     --volume ./hallmark.toml:/etc/hallmark/hallmark.toml:ro \
#     --env HALLMARK__DEFAULT__BIND_HOST=0.0.0.0 hallmark

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
ENV CARGO_PROFILE_RELEASE_STRIP=symbols
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin hallmark \
    && install target/release/hallmark /usr/local/bin/hallmark

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl3 qemu-utils \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 9292 --user-group --home-dir /var/lib/hallmark --create-home hallmark
COPY --from=build /usr/local/bin/hallmark /usr/local/bin/hallmark

USER hallmark
WORKDIR /var/lib/hallmark
ENV HALLMARK_DATA_DIR=/var/lib/hallmark
VOLUME /var/lib/hallmark
EXPOSE 9292

# The image has no HTTP client: bash opens the connection itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["bash", "-c", "\
    exec 3<>/dev/tcp/127.0.0.1/${HALLMARK__DEFAULT__BIND_PORT:-9292} \
    && printf 'GET /healthcheck HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 \
    && read -r _ status _ <&3 \
    && [ \"$status\" = 200 ]"]

ENTRYPOINT ["hallmark"]
CMD ["serve"]
