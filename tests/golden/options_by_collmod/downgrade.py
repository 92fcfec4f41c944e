def downgrade(env):
    # Change collection: log
    env.db.command('collMod', 'log', cappedSize=4096, cappedMax=10)
    
    # Change collection: user
    env.db.command(
        'collMod',
        'user',
        changeStreamPreAndPostImages={'enabled': False},
        validator={'a': 1},
        validationAction='error',
    )
    
    # Change view: recent
    env.db.command('collMod', 'recent', viewOn='user', pipeline=[{'$match': {'a': 1}}])
