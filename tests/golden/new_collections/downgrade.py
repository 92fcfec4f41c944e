def downgrade(env):
    env.drop_collection('_user')
    env.drop_collection('plan')
