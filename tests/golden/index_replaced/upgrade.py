def upgrade(env):
    # Change collection: place
    env.db['place'].drop_index('by_kind')
    env.db['place'].create_index([("kind", 1), ("city", 1)], name='by_kind')
    env.db['place'].drop_index('code_1')
    env.db['place'].create_index("code", unique=True, partialFilterExpression={'code': {'$exists': True}})
    env.db['place'].create_index([("loc", "2d")], bits=20)
    env.db['place'].drop_index('loc_2dsphere')
