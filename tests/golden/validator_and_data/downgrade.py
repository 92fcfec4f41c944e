from datetime import datetime

from bson import Decimal128, ObjectId


def downgrade(env):
    # Change collection: user
    # The filters hold whole documents: one that somebody changed is not found, and stays as it is.
    env.db.command('collMod', 'user', validationLevel='off')
    env.db['user'].delete_one({
        '_id': 3,
        '$expr': {
            '$eq': [
                '$$ROOT',
                {
                    '$literal': {
                        '_id': 3,
                        'email': 'c@d',
                        'since': datetime(2024, 12, 10),
                        'balance': Decimal128('1.50'),
                        'key': b'\x00\x01',
                        'owner': ObjectId('507f1f77bcf86cd799439011'),
                    },
                },
            ],
        },
    })
    env.db['user'].replace_one(
        {'_id': 1, '$expr': {'$eq': ['$$ROOT', {'$literal': {'_id': 1, 'role': 'root', 'email': 'a@b'}}]}},
        {'_id': 1, 'role': 'admin'},
    )
    if env.db['user'].find_one({'_id': 2}) is None:
        env.db['user'].insert_one({'_id': 2, 'role': 'guest'})
    env.db.command('collMod', 'user', validator={}, validationLevel='strict')
