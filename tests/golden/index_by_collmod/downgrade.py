def downgrade(env):
    # Change collection: session
    env.db.command('collMod', 'session', index={'name': 'at_1', 'expireAfterSeconds': 3600})
    env.db.command('collMod', 'session', index={'name': 'old_1', 'hidden': False})
    env.db['session'].drop_index('token_1')
    env.db['session'].create_index("token")
