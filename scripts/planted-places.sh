#!/usr/bin/env bash
# Plants a unique value in every place where an identity can stand, into copies of the real files, de-identifies the
# copies, and searches every byte that comes out. Prints a table; fails when a value is found again.
#
# usage: scripts/planted-places.sh [--accept] [--synthetic] [--pixels]
#   --accept     record the counts of this run, and write docs/planted-places.md again
#   --synthetic  the small synthetic corpus in place of the real files, as the tests do
#   --pixels     text is read in every image, too; without it the program runs with --metadata-only
#
# The copies need about 2 GB under TMPDIR.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unset EFFACE_PLANTED_CORPUS EFFACE_PLANTED_ACCEPT
corpus=real
test=nothing_that_is_planted_comes_out
for option in "$@"; do
    case "$option" in
    --accept) export EFFACE_PLANTED_ACCEPT=1 ;;
    --pixels) test=nothing_that_is_planted_comes_out_where_pixels_are_read ;;
    --synthetic) corpus=synthetic ;;
    *)
        sed -n 's/^# \{0,1\}//; 5,8p' "$0" >&2
        exit 2
        ;;
    esac
done
if [ "$corpus" = real ]; then
    scripts/fetch-real.sh
    export EFFACE_PLANTED_CORPUS="$PWD/data/real"
fi
cargo test --release --locked -p efface-cli --test planted -- --nocapture --exact "$test"
