#!/bin/bash
# Trains a large teacher in both directions, lets it translate all sentences, and trains the small network on the result.
# Twelve minutes on one GPU, with TEST scored on the way.
#
# usage: bash distilled.sh DATA OUT TEST.tsv
#
# Leaves OUT/teacher/last.pt and OUT/student/last.pt; `python export.py DATA OUT/student/last.pt FULL` is what comes next.
set -euo pipefail
data=$1 out=$2 test=$3
here=$(dirname "$0")
export PYTHONUNBUFFERED=1
common=(--device cuda --words 0 --warmup 500)

python3 "$here/train.py" "${common[@]}" --data "$data" --out "$out/teacher" --size large --both \
    --minutes 4.3 --finish-minutes 1.2 --dropout 0.15 --budget 32768 --rate 1e-3
python3 "$here/evaluate.py" "$out/teacher/last.pt" "$test" --data "$data" --device cuda &
python3 "$here/distil.py" --device cuda --data "$data" --teacher "$out/teacher/last.pt" --out "$out/distilled" --beam 1 --minutes 1.5 0.5
python3 "$here/train.py" "${common[@]}" --data "$out/distilled" --out "$out/student" \
    --minutes 4 --finish-minutes 1.3 --budget 32768 --rate 1e-3
python3 "$here/evaluate.py" "$out/student/last.pt" "$test" --data "$data" --beam 4 --device cuda
wait
