def downgrade(env):
    # Change collection: place
    env.db['place'].drop_index('by_kind')
    env.db['place'].create_index("kind", name='by_kind')
    env.db['place'].drop_index('code_1')
    env.db['place'].create_index("code", unique=True)
    env.db['place'].create_index([("loc", "2dsphere")])
    env.db['place'].drop_index('loc_2d')
