#!/usr/bin/env bash
# Measures peak resident memory and speed of metadata-only de-identification on two threads:
# 200, 2,000 and 20,000 CT instances, 200 and 2,000 of 512 KiB, and one multi-frame instance of 2 GB.
# Fails when a run takes more than 64 MiB, or when 20,000 instances take much more than 2,000.
# Needs 4 GB of disk under runs/ and /usr/bin/time (Debian package time).
set -euo pipefail
unset RUST_BACKTRACE # a backtrace is costly, and dicom-rs takes one where a file ends
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

begin_measurement runs/memory

peak_limit_kib=$((64 * 1024))
# What 20,000 inputs may take beyond 2,000: the list of their names, and where the journal has each.
growth_limit_kib=$((12 * 1024))

# Prints one row of the table for a folder of inputs; sets peak_kib.
measure() {
    local name=$1 input=$2 n_files
    n_files=$(find "$input" -type f | wc -l)
    # The first pass brings the files into the page cache; the second is measured.
    find "$input" -type f -exec cat {} + >/dev/null
    attention_is_success /usr/bin/time --output "$work/$name.time" --format '%M %e' \
        "$EFFACE" deid "$input" "$work/$name.out" --run "$work/$name.run" \
        --key testdata/ci.key --metadata-only --ner none --threads 2 >"$work/$name.log" 2>&1 ||
        {
            cat "$work/$name.log" >&2
            return 1
        }
    # The last line: above it, time reports an exit code that is not zero.
    peak_kib=$(tail -n 1 "$work/$name.time" | cut -d ' ' -f 1)
    if [ "$peak_kib" -gt "$peak_limit_kib" ]; then
        echo "$name takes $peak_kib KiB, more than $peak_limit_kib" >&2
        failed=1
    fi
    tail -n 1 "$work/$name.time" | awk -v name="$name" -v n="$n_files" \
        '{ printf "%-14s %7d %10.1f %10.2f %12.1f\n", name, n, $1 / 1024, $2, n / ($2 > 0 ? $2 : 0.01) }'
    rm -rf "$work/$name.out"
}

failed=0
printf '%-14s %7s %10s %10s %12s\n' input files 'peak MiB' seconds files/s
for n_files in 200 2000 20000; do
    write_inputs ct "$work/small-$n_files" "$n_files" 16
    measure "small-$n_files" "$work/small-$n_files"
    if [ "$n_files" -eq 20000 ] && [ $((peak_kib - peak_2000_kib)) -gt "$growth_limit_kib" ]; then
        echo "memory grows with the number of files: $peak_2000_kib KiB for 2,000, $peak_kib KiB for 20,000" >&2
        failed=1
    fi
    peak_2000_kib=$peak_kib
    rm -rf "$work/small-$n_files"
done
for n_files in 200 2000; do
    write_inputs ct "$work/ct-$n_files" "$n_files"
    measure "ct-$n_files" "$work/ct-$n_files"
    rm -rf "$work/ct-$n_files"
done
write_inputs multi-frame "$work/multi-frame/frames.dcm" 2000
measure multi-frame "$work/multi-frame"
exit "$failed"
