#!/usr/bin/env bash
# Type-checks what the features `cuda` and `vulkan` add to the networks and their training, without linking it.
#
# A build script below the feature `cuda` downloads LLVM's libraries, which fails without open internet; DOCS_RS makes
# it return early, as for documentation, and nothing that is only checked needs what it would have brought.
# The first run compiles burn's other backends in a target folder of its own; later ones take seconds.
#
# usage: scripts/check-cuda.sh [FEATURE...]     (cuda when not given)
#   CUDA_TARGET  the folder (the usual one with -cuda at its end)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

features=()
for feature in "${@:-cuda}"; do features+=(--features "efface-nets/$feature"); done
DOCS_RS=1 CARGO_TARGET_DIR="${CUDA_TARGET:-${CARGO_TARGET_DIR:-target}-cuda}" \
    cargo check --locked -p efface-nets -p efface-train "${features[@]}"
