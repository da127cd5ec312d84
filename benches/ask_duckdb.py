#!/usr/bin/env python3
"""ask_duckdb.py LOG.csv [THREADS] [rules|returns]: the same questions in SQL over the same string ids.

`rules`: the six rules; prints breaches of each as one JSON object. `returns`: the five heaviest tables, every cell of every total; prints
one JSON object a table: its dimensions, its columns and its rows (codes, then numbers). Loads the file, then asks; time and processor are
taken from outside, around the whole process.
"""
import json
import pathlib
import sys

import duckdb

log, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
asked = sys.argv[3] if len(sys.argv) > 3 else "rules"
sql = pathlib.Path(__file__).parent / "sql"
db = duckdb.connect(":memory:", config={"threads": threads})


def text(*path):
    return sql.joinpath(*path).read_text().replace("{log}", log.replace("'", "''"))


def plain(value):
    return value if value is None or isinstance(value, str) else float(value)


if asked == "returns":
    db.execute(text("returns", "load.sql"))
    for table in ["R01", "R06", "R07", "R16", "R29"]:
        found = db.execute(text("returns", f"{table}.sql"))
        names = [column[0] for column in found.description]
        kinds = [str(column[1]) for column in found.description]
        by = [name for name, kind in zip(names, kinds) if kind in ("STRING", "VARCHAR")]
        rows = [[plain(value) for value in row] for row in found.fetchall()]
        print(json.dumps({"id": table, "by": by, "columns": names[len(by):], "rows": rows}))
else:
    db.execute(text("load.sql"))
    rules = ["exam", "injury", "interview", "notify", "officers", "restraint"]
    print(json.dumps({rule: len(db.execute(text(f"{rule}.sql")).fetchall()) for rule in rules}))
