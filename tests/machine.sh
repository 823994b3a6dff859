# What the scripts of tests/ need of a machine: packages, virtual environments, servers.
# They source this file; all that is started here is stopped when they end.
#
# What the tests see:
#   HALLMARK_TEST_POSTGRES  URL of a PostgreSQL server, for a user who may create databases
#   HALLMARK_TEST_RABBITMQ  URL of a RabbitMQ broker
#   HALLMARK_TEST_KEYSTONE  URL of a Keystone that holds the cloud of tests/keystone
#   HALLMARK_TEST_BARBICAN  URL of a Barbican that takes the tokens of that Keystone
#   HALLMARK_TEST_METADEFS  folder of the metadata definitions that Glance's package comes with
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
policy=
cluster=
keystone=
keystone_folder=
barbican=
barbican_folder=
# What goes when the script ends: processes, the last first, and folders.
processes=()
folders=()

say() { printf '%s: %s\n' "${0#"$root/"}" "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif ! command -v sudo >/dev/null; then
        die "'$*' needs root, and there is no sudo"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# Runs a command as a user whom PostgreSQL serves: it refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# Prints the folder of PostgreSQL's programs, the newest if there are several.
postgres_bin() {
    local found
    found=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
    if [ -x "$found" ]; then
        dirname "$found"
    elif found=$(command -v initdb); then
        dirname "$(readlink -f "$found")"
    else
        return 1
    fi
}

# Prints those of Debian's packages that are missing: of those that every run needs, and of the
# arguments, which are programs named as their packages.
missing_packages() {
    local program
    postgres_bin >/dev/null || echo postgresql
    command -v qemu-img >/dev/null || echo qemu-utils
    command -v bzip2 >/dev/null || echo bzip2
    command -v xz >/dev/null || echo xz-utils
    command -v zip >/dev/null || echo zip
    command -v zstd >/dev/null || echo zstd
    command -v gpg >/dev/null || echo gnupg
    command -v curl >/dev/null || echo curl
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    # The program is linked with OpenSSL.
    command -v pkg-config >/dev/null || echo pkg-config
    pkg-config --exists openssl 2>/dev/null || echo libssl-dev
    for program; do
        command -v "$program" >/dev/null || echo "$program"
    done
}

# Installs what missing_packages tells; no service is started.
install_packages() {
    local packages
    mapfile -t packages < <(missing_packages "$@")
    [ ${#packages[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        die "install these yourself, as there is no apt-get here: ${packages[*]}"
    say "installing from Debian's packages: ${packages[*]}"
    # Debian starts a service when its package is installed, unless this file forbids it.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
    fi
    as_root apt-get -q update >&2
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "${packages[@]}" >&2
    allow_services
}

# Takes back the ban on starting services, if it is ours.
allow_services() {
    [ -z "$policy" ] || as_root rm -f "$policy"
    policy=
}

# install_venv NAME REQUIREMENTS: makes the virtual environment target/NAME, unless it is there
# from the same requirements.
install_venv() {
    local venv=$target/$1 requirements=$root/$2 wanted
    wanted=$(python3 --version && sha256sum <"$requirements")
    if [ "$(cat "$venv/made-from" 2>/dev/null)" != "$wanted" ]; then
        say "installing $2 into $venv"
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install -q --disable-pip-version-check -r "$requirements" >&2
        printf '%s\n' "$wanted" >"$venv/made-from"
    fi
}

# install_definitions VENV: puts Glance's package, at the version of tests/conformance/definitions.txt,
# into target/glance-definitions by the pip of a virtual environment, unless it is there from the
# same requirements. Nothing that it needs is installed: its metadata definitions are all that counts.
install_definitions() {
    local folder=$target/glance-definitions requirements=$root/tests/conformance/definitions.txt wanted
    wanted=$(sha256sum <"$requirements")
    if [ "$(cat "$folder/made-from" 2>/dev/null)" != "$wanted" ]; then
        say "installing Glance's metadata definitions into $folder"
        rm -rf "$folder"
        "$target/$1/bin/pip" install -q --disable-pip-version-check --no-deps \
            --target "$folder" -r "$requirements" >&2
        printf '%s\n' "$wanted" >"$folder/made-from"
    fi
    export HALLMARK_TEST_METADEFS=$folder/etc/glance/metadefs
    [ -d "$HALLMARK_TEST_METADEFS" ] || die "there are no definitions in $HALLMARK_TEST_METADEFS"
}

# Keeps others from installing at the same time, until the calling shell or subshell ends, or
# unlock_installs is called.
lock_installs() {
    mkdir -p "$target"
    exec 9>"$target/test-install.lock"
    flock 9
}

unlock_installs() { exec 9>&-; }

# Prints a port of the loopback that nobody listens on.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts a PostgreSQL that forgets: nothing is synced to disk, and all of it goes at the end.
start_postgres() {
    local bin port attempt options
    bin=$(postgres_bin)
    cluster=$(mktemp -d /tmp/hallmark-postgres.XXXXXX)
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    as_postgres "$bin/initdb" -D "$cluster/data" -U postgres -A trust -E UTF8 \
        --locale=C --no-sync >"$cluster.log" 2>&1 ||
        die "initdb: $(cat "$cluster.log")"
    rm -f "$cluster.log"
    for attempt in 1 2 3 4 5; do
        port=$(free_port)
        options="-p $port -k $cluster -c listen_addresses=127.0.0.1 -c max_connections=300"
        options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        if as_postgres "$bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w \
            -o "$options" start >/dev/null; then
            export HALLMARK_TEST_POSTGRES=postgresql://postgres@127.0.0.1:$port/postgres
            return
        fi
        say "port $port was taken meanwhile (attempt $attempt)"
    done
    die "PostgreSQL did not start: $(tail -n 20 "$cluster/log")"
}

stop_postgres() {
    [ -n "$cluster" ] || return 0
    if [ -f "$cluster/data/postmaster.pid" ]; then
        as_postgres "$(postgres_bin)/pg_ctl" -D "$cluster/data" -m fast -w stop \
            >/dev/null || say "PostgreSQL in $cluster did not stop"
    fi
    rm -rf "$cluster" "$cluster.log"
    cluster=
}

# start_keystone [ARGUMENT of serve.py]...: starts to install, fill and run a Keystone in the
# background, on the PostgreSQL that HALLMARK_TEST_POSTGRES names.
start_keystone() {
    local venv=$target/keystone-venv
    keystone_folder=$(mktemp -d /tmp/hallmark-keystone.XXXXXX)
    folders+=("$keystone_folder")
    (
        lock_installs
        install_venv keystone-venv tests/keystone/requirements.txt
        unlock_installs
        PATH=$(postgres_bin):$PATH exec "$venv/bin/python" "$root/tests/keystone/serve.py" \
            --cache "$target/keystone-cache" --ready "$keystone_folder/url" "$@"
    ) >"$keystone_folder/log" 2>&1 &
    keystone=$!
    processes+=("$keystone")
}

# Waits until the Keystone of start_keystone serves.
await_keystone() {
    until [ -e "$keystone_folder/url" ]; do
        kill -0 "$keystone" 2>/dev/null ||
            die "Keystone did not start: $(tail -n 40 "$keystone_folder/log")"
        sleep 0.1
    done
    HALLMARK_TEST_KEYSTONE=$(cat "$keystone_folder/url")
    export HALLMARK_TEST_KEYSTONE
}

# Starts to install and run a Barbican in the background, for the Keystone of start_keystone. It is
# ready some seconds after that.
start_barbican() {
    local venv=$target/barbican-venv
    barbican_folder=$(mktemp -d /tmp/hallmark-barbican.XXXXXX)
    folders+=("$barbican_folder")
    (
        lock_installs
        install_venv barbican-venv tests/barbican/requirements.txt
        unlock_installs
        exec "$venv/bin/python" "$root/tests/barbican/serve.py" --cache "$target/barbican-cache" \
            --keystone "$keystone_folder/url" --ready "$barbican_folder/url"
    ) >"$barbican_folder/log" 2>&1 &
    barbican=$!
    processes+=("$barbican")
}

# Waits until the Barbican of start_barbican serves.
await_barbican() {
    until [ -e "$barbican_folder/url" ]; do
        kill -0 "$barbican" 2>/dev/null ||
            die "Barbican did not start: $(tail -n 40 "$barbican_folder/log")"
        sleep 0.1
    done
    HALLMARK_TEST_BARBICAN=$(cat "$barbican_folder/url")
    export HALLMARK_TEST_BARBICAN
}

# Prints what makes OpenStack's programs speak to that Keystone as its administrator, whom
# tests/keystone/cloud.py names.
admin_environment() {
    cat <<END
export OS_AUTH_URL=$HALLMARK_TEST_KEYSTONE OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne
export OS_USERNAME=ada OS_PASSWORD=only-for-tests OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_NAME=operations OS_PROJECT_DOMAIN_NAME=Default
END
}

# Starts a broker in the background. Whoever needs it waits for it.
start_rabbitmq() {
    local broker port dist_port epmd_port
    broker=$(mktemp -d /tmp/hallmark-rabbitmq.XXXXXX)
    folders+=("$broker")
    port=$(free_port)
    dist_port=$(free_port)
    epmd_port=$(free_port)
    cat >"$broker/rabbitmq.conf" <<END
listeners.tcp.1 = 127.0.0.1:$port
END
    # The node's name service; the broker would start one that outlives it.
    env ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 \
        epmd >"$broker/epmd.log" 2>&1 </dev/null &
    processes+=($!)
    # With ALLOW_INPUT the process stays the one that was started, without a shell around it.
    env HOME="$broker" ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_CONF_ENV_FILE="$broker/no-env.conf" RABBITMQ_NODENAME="hallmark-$$@localhost" \
        RABBITMQ_DIST_PORT="$dist_port" \
        RABBITMQ_MNESIA_BASE="$broker/data" RABBITMQ_LOG_BASE="$broker/log" \
        RABBITMQ_CONFIG_FILE="$broker/rabbitmq" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$broker/plugins" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}" \
        RABBITMQ_ALLOW_INPUT=yes \
        /usr/lib/rabbitmq/bin/rabbitmq-server -noinput >"$broker/broker.log" 2>&1 </dev/null &
    processes+=($!)
    export HALLMARK_TEST_RABBITMQ=amqp://guest:guest@127.0.0.1:$port/%2f
}

# What is done at the end, whichever way it comes.
tidy() {
    local at
    allow_services
    for ((at = ${#processes[@]} - 1; at >= 0; at--)); do
        # It may have ended already.
        kill "${processes[at]}" 2>/dev/null || true
        wait "${processes[at]}" 2>/dev/null || true
    done
    stop_postgres
    [ ${#folders[@]} = 0 ] || rm -rf "${folders[@]}"
    processes=() folders=()
}
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
