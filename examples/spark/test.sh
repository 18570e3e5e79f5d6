#!/bin/sh
# Runs translate_dataset.py on a small cluster of three executors on this machine, kills one of them at work, and compares
# the results with those of one process.
#
#     examples/spark/test.sh [TRANSLATE [OPTION ...]]      default: target/release/translate --model bundled
#
# Needs Java and PySpark: apt-get install default-jre-headless; pip install pyspark. PYTHON names the interpreter.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/release/translate}")
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- --model bundled
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" - "$work/records.jsonl" <<'PYTHON'
import json, sys

with open(sys.argv[1], "w") as file:
    for number in range(120):
        text = f"Bericht {number}\n\nAm {number % 28 + 1}. Juli tagte der Rat. Es kamen {number} Menschen. Danach ging es weiter."
        print(json.dumps({"id": f"r{number:03}", "text": text}), file=file)
    print("this is no record", file=file)
PYTHON

# The first call on the cluster kills the executor that it runs on. Executors are at work in folders of their own, where a
# model that was named by a relative path is not to be found.
cat > "$work/translate" <<SHELL
#!/bin/sh
if mkdir "$work/killed" 2> /dev/null; then
    process=\$\$
    while [ "\$process" -gt 1 ] && ! grep -q CoarseGrainedExecutorBackend "/proc/\$process/cmdline"; do
        process=\$(awk '/^PPid:/ { print \$2 }' "/proc/\$process/status")
    done
    [ "\$process" -gt 1 ] && kill -9 "\$process" && touch "$work/killed/executor"
    exit 9
fi
cd "$PWD" && exec "$program" "\$@"
SHELL
chmod +x "$work/translate"

code=0
"$program" "$@" --jsonl - < "$work/records.jsonl" > "$work/one.jsonl" 2> "$work/one.log" || code=$?
[ "$code" -eq 1 ] || { cat "$work/one.log"; echo "one process ended with $code"; exit 1; }

SPARK_HOME=$("$python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
export SPARK_HOME
PYSPARK_PYTHON=$python "$SPARK_HOME/bin/spark-submit" --master 'local-cluster[3,1,1024]' --driver-memory 512m \
    --conf spark.executor.memory=512m --conf spark.ui.enabled=false \
    "$here/translate_dataset.py" --translate "$work/translate" --partitions 6 \
    "$work/records.jsonl" "$work/many" -- "$@" > "$work/spark.log" 2>&1 || {
    grep -E ' (ERROR|WARN) |Error|Exception' "$work/spark.log" | head -60
    exit 1
}

[ -e "$work/killed/executor" ] || { echo "no executor was killed"; exit 1; }
# A line number counts within the partition: it is all that may differ.
same() { sed 's/"line":[0-9]*/"line":0/' "$@" | sort; }
same "$work/one.jsonl" > "$work/one.sorted"
same "$work"/many/part-* > "$work/many.sorted"
[ "$(wc -l < "$work/many.sorted")" -eq 121 ]
cmp "$work/one.sorted" "$work/many.sorted"
echo "121 answers from three executors, one of them killed, are those of one process"
