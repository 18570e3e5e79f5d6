#!/bin/bash
# On one GPU, in twelve minutes: a teacher grown from the small network, first in both directions, then with what it makes of
# English sentences from German to English; what it makes of German sentences; and the small network, going on with all that
# and with what the teacher says of each place.
#
# usage: bash distilled.sh PAIRS START OUT TEST.tsv
#
# PAIRS as for prepare.py; START is the float32 directory of the small network (expand.py). Leaves OUT/teacher/last.pt and
# OUT/student/last.pt; `python export.py OUT/data OUT/student/last.pt FULL` is what comes next. Minutes can be set in MINUTES.
set -euo pipefail
pairs=$1 start=$2 out=$3 test=$4
read -r both english alone falling german student finish <<< "${MINUTES:-2.3 0.35 3.3 2.4 0.75 4.3 2.3}"
here=$(dirname "$0")
export PYTHONUNBUFFERED=1
device=(--device "${DEVICE:-cuda}")

# A run that ends in weights that are no numbers goes on from its last checkpoint, for the minutes left, at half the rate.
train() { # OUT MINUTES RATE OPTIONS...
    local place=$1 minutes=$2 rate=$3 begun=$SECONDS left
    shift 3
    until python3 "$here/train.py" "${device[@]}" --guidance 0 --words 0 --out "$place" --minutes "$minutes" --rate "$rate" "$@"; do
        left=$(python3 -c "print($minutes - ($SECONDS - $begun) / 60)")
        rate=$(python3 -c "assert $left > 0; print($rate / 2)")
        minutes=$left begun=$SECONDS
    done
}

python3 "$here/widen.py" "$start" "$out/wide" &
python3 "$here/prepare.py" --pairs "$pairs" --out "$out/data" --pieces "$start/source.spm"
python3 "$here/prepare.py" --pairs "$pairs" --out "$out/varied" --pieces "$start/source.spm" --variants "${VARIANTS:-2}" &
varied=$!
wait %1
distil() { python3 "$here/distil.py" "${device[@]}" --beam 1 --budget 300000 --data "$out/data" "$@"; }
teacher=(--size large --dropout 0.2 --budget "${BUDGET:-32768}" --warmup 300)
train "$out/teacher" "$both" 8e-4 "${teacher[@]}" --data "$out/data" --init "$out/wide" --both
wait $varied
distil --side english --join "$out/varied" --teacher "$out/teacher/last.pt" --out "$out/varied" --minutes "$english"
train "$out/teacher" "$alone" 8e-4 "${teacher[@]}" --data "$out/varied" --finish-minutes "$falling"
python3 "$here/evaluate.py" "$out/teacher/last.pt" "$test" --data "$out/data" --beam 4 "${device[@]}" &
distil --side german --join "$out/varied" --teacher "$out/teacher/last.pt" --out "$out/distilled" --minutes "$german"
wait
train "$out/student" "$student" 1e-3 --dropout 0.1 --budget "${BUDGET:-49152}" --warmup 200 --data "$out/distilled" --init "$start" \
    --teacher "$out/teacher/last.pt" --finish-minutes "$finish"
python3 "$here/evaluate.py" "$out/student/last.pt" "$test" --data "$out/data" --beam 4 "${device[@]}"
