def upgrade(env):
    # Change collection: log
    env.db.command('collMod', 'log', cappedSize=8192, cappedMax=20)
    
    # Change collection: user
    env.db.command(
        'collMod',
        'user',
        changeStreamPreAndPostImages={'enabled': True},
        validator={'a': {'$gt': 1}},
        validationAction='warn',
    )
    
    # Change view: recent
    env.db.command('collMod', 'recent', viewOn='user', pipeline=[{'$match': {'a': 2}}])
