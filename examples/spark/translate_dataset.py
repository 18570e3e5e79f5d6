"""Translates a dataset of reports with Apache Spark: every partition is one run of `translate --jsonl -`.

In: a folder or file of JSON lines {"id", "text"}. Out: a folder of JSON lines, one report in two languages each, with its id.
What Spark is good at is left to it: which machine does what, and doing it again when a machine fails. A partition is
translated by one process, which loads the model once; its results are the same wherever and however often that happens.

    spark-submit translate_dataset.py [--translate COMMAND] [--partitions N] INPUT OUTPUT [-- OPTION OF translate ...]
"""

import argparse
import itertools
import subprocess
import sys
import threading

from pyspark.sql import SparkSession


def translator(command):
    """A function from the lines of a partition to the lines of its results."""

    def translate(rows):
        first = next(rows, None)
        if first is None:
            return
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        faults = []

        # In a thread of its own: the program answers while it still reads.
        def feed():
            try:
                with process.stdin as stdin:
                    for row in itertools.chain([first], rows):
                        stdin.write(row.value.encode() + b"\n")
            except Exception as fault:
                faults.append(fault)

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        for line in process.stdout:
            yield (line.decode().rstrip("\n"),)
        feeder.join()
        # 1: some records could not be read and were answered by {"id", "line", "error"}; to try again would not help.
        if faults or process.wait() not in (0, 1):
            raise RuntimeError(f"{command[0]} ended with {process.wait()}: {faults}")

    return translate


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(description="Translates JSON lines {id, text} on a Spark cluster.")
    parser.add_argument("--translate", default="translate", help="the program, as it is called on every machine")
    parser.add_argument("--partitions", type=int, help="into how many parts to cut the dataset")
    parser.add_argument("input")
    parser.add_argument("output")
    chosen = parser.parse_args(arguments[:split])
    session = SparkSession.builder.appName("translate").getOrCreate()
    lines = session.read.text(chosen.input)
    if chosen.partitions:
        lines = lines.repartition(chosen.partitions)
    cores = session.conf.get("spark.task.cpus", "1")
    command = [chosen.translate, "--threads", cores, "--progress", "never", *arguments[split + 1 :], "--jsonl", "-"]
    translated = lines.rdd.mapPartitions(translator(command))
    session.createDataFrame(translated, "value string").write.text(chosen.output)
    session.stop()


if __name__ == "__main__":
    main()
