"""The collections of this project, as they should be.

After a change here: python manage.py revision -m "what changed" --autogenerate
"""

from treering import Collection, Index

# class Wallet(Collection):
#     """User wallet"""
#
#     __collection_name__ = "wallet"
#     __indexes__ = [
#         Index([("uid", 1), ("org_id", 1)], name="uid_org_idx", unique=True),
#         Index("rec_date"),
#     ]

ALL_COLLECTIONS = []
