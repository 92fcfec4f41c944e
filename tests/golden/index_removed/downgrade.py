def downgrade(env):
    # Change collection: user
    env.db['user'].create_index("a")
    env.db['user'].create_index([("t", 1), ("u", -1)], name='odd "name"')
