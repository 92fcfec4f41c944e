# SPDX-License-Identifier: Apache-2.0
"""Reads what a schema is made of with pymongo alone: read_schema.py URL DATABASE

list_collections, then list_indexes of one collection after the other. Prints what read_schema.cc prints: collections, indexes
other than those on _id, seconds, peak resident KiB. Starting Python and importing pymongo isn't in the seconds.
"""

import os
import re
import sys
import time
from pathlib import Path

from pymongo import MongoClient

url, name = sys.argv[1:]
start = time.perf_counter()
database = MongoClient(url)[name]
listed = list(database.list_collections())
indexes = {one["name"]: list(database[one["name"]].list_indexes()) for one in listed}
seconds = time.perf_counter() - start
count = sum(index["name"] != "_id_" for of_one in indexes.values() for index in of_one)
peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
print(len(listed), count, f"{seconds:.6f}", peak, flush=True)
os._exit(0)  # pymongo's monitor threads would take half a second to end, which is no part of the work
