def downgrade(env):
    env.drop_collection('weather')
    env.drop_collection('latest')
    env.drop_collection('clustered')
