# Daily work. `./bootstrap demo` and `./bootstrap test` need no just.

set shell := ["bash", "-euo", "pipefail", "-c"]

# List the recipes.
default:
    @just --list

# Build the binary, target/release/efface.
build:
    cargo build --release --locked -p efface-cli

# Install what is missing and run all tests.
test:
    ./bootstrap test

# Check format, lints, licences and scripts, the cheapest first.
lint:
    cargo fmt --all --check
    @if command -v shellcheck >/dev/null; then shellcheck -x bootstrap .ci/run scripts/*.sh; else echo "shellcheck is not installed: skipped"; fi
    @if cargo deny --version >/dev/null 2>&1; then cargo deny check; else echo "cargo-deny is not installed: skipped"; fi
    cargo clippy --release --workspace --all-targets --locked -- -D warnings

# All that should pass before a commit.
check: lint test

# Format everything.
fmt:
    cargo fmt --all

# Synthesize, de-identify, score, report.
demo:
    ./bootstrap demo

# Measure the speed of metadata de-identification.
bench:
    cargo bench --locked -p efface-benches

# Put the speed of metadata de-identification beside that of its peers, which are installed on first use.
compare-peers rounds="7":
    scripts/compare-peers.sh {{rounds}}

# Measure peak memory on small and large inputs.
measure-memory:
    scripts/measure-memory.sh

# Measure what finding and reading text in pixels costs: seconds of a frame, frames a second, memory.
measure-detector:
    scripts/measure-detector.sh

# Fetch real DICOM files into data/real.
fetch-real:
    scripts/fetch-real.sh

# De-identify the real files and count how they end.
deid-real:
    scripts/deid-real.sh

# Plant a value in every place of copies of the real files, and search all that comes out.
planted-places *OPTIONS:
    scripts/planted-places.sh {{OPTIONS}}

# Tell which kinds of errors dciodvfy finds in results and not in their originals.
dciodvfy-difference:
    scripts/dciodvfy-difference.sh

# Read all results with other programs.
readers:
    scripts/readers.sh

# Run the smallest suite end to end and compare every case with the committed file.
e2e:
    scripts/e2e.sh

# Compare an evaluation of the smoke suite with the committed one; exit code 20 when a threshold is not kept.
gate new="runs/e2e/report":
    target/release/efface compare reports/baseline/smoke {{new}} --gate datasets/gate.toml --report runs/gate

# Score Efface and two other tools on the smoke suite, in one table; the tools are installed on first use.
compare-tools definition="datasets/smoke.toml":
    scripts/compare-tools.sh {{definition}}

# Score Efface, presidio and philter-lite on the same strings, in one table; the tools are installed on first use.
compare-ner +golds:
    scripts/compare-ner.sh {{golds}}

# Put the encoder's speed beside that of PyTorch, which is installed on first use (7 GB; TORCH_PYTHON names another).
compare-encoder-speed rounds="5":
    scripts/compare-encoder-speed.sh {{rounds}}

# Compare the logits of a released model with those of transformers (TORCH_PYTHON has torch, transformers, safetensors).
# `efface ner --logits INPUT TEXTS.jsonl` writes the input.
transformers-logits model input out:
    "${TORCH_PYTHON:-runs/peers/tools/torch/bin/python}" scripts/transformers-logits.py {{model}} {{input}} {{out}}

# Compare the released model with transformers and renew the logits that its test holds it to (TORCH_PYTHON as above).
renew-logits model="models/ner-minilm":
    scripts/renew-logits.sh {{model}}

# Type-check the features for graphics cards (cuda, vulkan) in a target folder of their own.
check-cuda *features="cuda":
    scripts/check-cuda.sh {{features}}

# Train networks of the sizes of RoBERTa's and BERT's base for one step, and print loss, seconds and peak memory.
prove-large:
    scripts/prove-large.sh

# Score a key of six million checks over 24,000 instances, and print time and memory.
measure-scoring:
    scripts/measure-scoring.sh

# Make every suite once and keep its card in datasets/cards.
cards:
    scripts/cards.sh

# Open pages in chromium, click through them, and check their accessibility; without any, a page of every kind.
check-report *pages:
    scripts/check-report.sh {{pages}}

# Measure a release anew and bundle its evidence into reports/VERSION.
release-report version:
    scripts/release-report.sh {{version}}

# Run the official MIDI-B scorer (SCORER, a checkout of it) on the golden inputs and on a suite, by instance and by series,
# and compare every row, sheet and report with Efface's.
compare-official scorer suite="runs/e2e":
    scripts/compare-official.sh {{scorer}} golden
    scripts/compare-official.sh {{scorer}} {{suite}}

# Put the evaluation of a new end-to-end run in the place of the committed one.
accept:
    scripts/e2e.sh --accept

# What continuous integration runs.
ci:
    .ci/run
