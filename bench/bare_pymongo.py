# SPDX-License-Identifier: Apache-2.0
"""The floor of applying revisions in Python: bare_pymongo.py URL DATABASE COUNT

One process, one client, and per revision one insert as the revision does it, and two bookkeeping writes of about the size of
Treering's, as durable as Treering's.
"""

import os
import sys

from pymongo import MongoClient, WriteConcern

url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = MongoClient(url)[name]
durable = WriteConcern(w="majority", j=True)
state = database.get_collection("state", write_concern=durable)
records = database.get_collection("records", write_concern=durable)
source = "def upgrade(env):\n    pass\n" * 15
for number in range(count):
    database.bench.insert_one({"_id": number})
    state.update_one({"_id": "state"}, {"$set": {"heads": [str(number)], "count": number}}, upsert=True)
    records.insert_one({"_id": str(number), "parents": [str(number - 1)], "source": source})
os._exit(0)  # pymongo's monitor threads would take half a second to end, which is no part of the work
