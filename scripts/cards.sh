#!/usr/bin/env bash
# Makes every suite once and keeps its card in datasets/cards, with the contact sheet of text-detect-test.
#
# usage: scripts/cards.sh
#   EFFACE   the binary; without it one is built
#   SCRATCH  a folder with some three gigabytes of room (runs/cards)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

scratch=${SCRATCH:-runs/cards}
cards=datasets/cards
find_efface
mkdir -p "$cards"
for definition in datasets/*.toml; do
    name=$(basename "$definition" .toml)
    # Thresholds and recipes stand beside the suites.
    case "$name" in gate | requirements | train-*) continue ;; esac
    rm -rf "$scratch"
    "$EFFACE" synth "$definition" "$scratch" >/dev/null
    sed "s/(contact-sheet.png)/($name.png)/" "$scratch/card.md" >"$cards/$name.md"
    if [ "$name" = text-detect-test ]; then
        cp "$scratch/contact-sheet.png" "$cards/$name.png"
    else
        sed -i '/^!\[.*\.png)$/,+1d' "$cards/$name.md"
    fi
done
rm -rf "$scratch"
