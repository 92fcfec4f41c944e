def upgrade(env):
    # Create collection: it's "odd"
    env.create_collection('it\'s "odd"')
    env.db['it\'s "odd"'].insert_one({'_id': 'q\'"\n', '$set.x': 1, '': [None, True, 1.0]})
    env.db['it\'s "odd"'].create_index([("a.b", 1), ("é", -1)])
    
    # Create collection: 🌳 ring
    env.create_collection('🌳 ring')
    
    # Create collection: a.b.c
    env.create_collection('a.b.c')
    
    # Create collection: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    env.create_collection(
        'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    )
