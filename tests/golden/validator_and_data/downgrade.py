def downgrade(env):
    # Change collection: user
    env.db.command('collMod', 'user', validationLevel='off')
    env.db['user'].delete_one({'_id': 3})
    env.db['user'].replace_one({'_id': 1}, {'_id': 1, 'role': 'admin'})
    env.db['user'].insert_one({'_id': 2, 'role': 'guest'})
    env.db.command('collMod', 'user', validator={}, validationLevel='strict')
