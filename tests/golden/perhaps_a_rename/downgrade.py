def downgrade(env):
    env.drop_collection('account')
