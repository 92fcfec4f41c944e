def upgrade(env):
    # Change collection: user
    env.db['user'].drop_index('a_1')
    env.db['user'].drop_index('odd "name"')
