def downgrade(env):
    env.drop_collection('c0')
    env.drop_collection('c1')
    env.drop_collection('c2')
    env.drop_collection('c3')
    env.drop_collection('c4')
