#!/usr/bin/env python3
"""ask_duckdb.py LOG.csv [THREADS]: the same six questions in SQL over the same string ids; prints breaches of each rule as JSON.

Loads the file, then asks; time and CPU are taken from outside, around the whole process.
"""
import json
import pathlib
import sys

import duckdb

log, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
sql = pathlib.Path(__file__).parent / "sql"
db = duckdb.connect(":memory:", config={"threads": threads})
db.execute((sql / "load.sql").read_text().replace("{log}", log.replace("'", "''")))
rules = ["exam", "injury", "interview", "notify", "officers", "restraint"]
print(json.dumps({rule: len(db.execute((sql / f"{rule}.sql").read_text()).fetchall()) for rule in rules}))
