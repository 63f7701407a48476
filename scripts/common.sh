# shellcheck shell=bash
# Shared by the scripts beside it; sourced from the repository's root.

# Sets EFFACE to the binary: the one the caller names, or a fresh release build.
find_efface() {
    if [ -z "${EFFACE:-}" ]; then
        cargo build --release --locked -p efface-cli
        EFFACE="${CARGO_TARGET_DIR:-target}/release/efface"
    fi
    if [ ! -x "$EFFACE" ]; then
        echo "there is no binary at $EFFACE" >&2
        exit 2
    fi
    export EFFACE
}

# Runs a command whose code 3 means: all instances were handled, and some wait for a person.
attention_is_success() {
    local code=0
    "$@" || code=$?
    [ "$code" -eq 3 ] || return "$code"
}

# Writes inputs for measurements: with the program that WRITE_INPUTS names, or with a fresh release build.
write_inputs() {
    if [ -n "${WRITE_INPUTS:-}" ]; then
        "$WRITE_INPUTS" "$@"
    else
        cargo run --quiet --release --locked -p efface-benches --example write-inputs -- "$@"
    fi
}

# Ends the script where /usr/bin/time is not at hand, which alone knows the peak memory of a program.
require_time() {
    if [ ! -x /usr/bin/time ]; then
        echo "install the Debian package time" >&2
        exit 2
    fi
}

# Finds the binary and makes an empty folder, `work`, that goes when the script ends: begin_measurement FOLDER.
begin_measurement() {
    require_time
    find_efface
    work=$1
    rm -rf "$work"
    mkdir -p "$work"
    trap 'rm -rf "$work"' EXIT
}
