# What build, smoke, package and budget share: where things are, and the list of targets. Sourced, never run.

set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=$root/target/cross
dist=$root/target/dist
tools=$work/tools/bin

say() { printf '%s\n' "$*" >&2; }

# Two lines, as the program itself does: what failed, what to do next.
fail() {
    say "error: $1"
    [ $# -lt 2 ] || say "$2"
    exit 1
}

all_targets() { awk '!/^#/ && NF { print $1 }' "$root/cross/targets.txt"; }

# The second or third column of one target.
column() { awk -v target="$1" -v n="$2" '$1 == target { print $n }' "$root/cross/targets.txt"; }

# What runs a target's binaries here: nothing, or the emulator's path.
runner_of() {
    local emulator
    emulator=$(column "$1" 2)
    [ "${1%%-*}" != "$(uname -m)" ] || return 0
    need "$emulator" qemu-user-static
    command -v "$emulator"
}

known() {
    [ -n "$(column "$1" 1)" ] || fail "$1 is no target of cross/targets.txt" "One of: $(all_targets | tr '\n' ' ')"
}

# The commit's time, where the caller names none: builds of one commit agree on it.
build_epoch() {
    if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
        printf '%s\n' "$SOURCE_DATE_EPOCH"
    else
        git -C "$root" log -1 --format=%ct 2>/dev/null ||
            fail "there is no commit to take the date from" "Name it: SOURCE_DATE_EPOCH=seconds"
    fi
}

version() { awk -F'"' '/^version = / { print $2; exit }' "$root/Cargo.toml"; }

# Networks fail now and then.
retried() {
    local try
    for try in 1 2 3; do
        "$@" && return
        [ "$try" = 3 ] || sleep $((try * 10))
    done
    return 1
}

# need COMMAND PACKAGE...: installs the packages when root, else says how.
need() {
    local command=$1
    shift
    if command -v "$command" >/dev/null 2>&1 || [ -e "$command" ]; then return; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing $*"
        [ -n "${apt_fresh:-}" ] || retried apt-get update -qq
        apt_fresh=yes
        retried env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    else
        fail "$command is missing" "Install it: sudo apt-get install --no-install-recommends $*"
    fi
}

# Over all that lies in target/dist.
sums() (
    cd "$dist"
    find . -type f ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS
)
