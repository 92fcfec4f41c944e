def upgrade(env):
    # Change collection: session
    env.db.command('collMod', 'session', index={'name': 'at_1', 'expireAfterSeconds': 60})
    env.db.command('collMod', 'session', index={'name': 'token_1', 'prepareUnique': True})
    env.db.command('collMod', 'session', index={'name': 'token_1', 'unique': True})
    env.db.command('collMod', 'session', index={'name': 'old_1', 'hidden': True})
