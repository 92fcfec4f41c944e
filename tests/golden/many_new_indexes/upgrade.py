def upgrade(env):
    # Create collection: c0
    env.create_collection('c0')
    env.db['c0'].create_index("a")
    env.db['c0'].create_index([("b", 1), ("c", -1)])
    
    # Create collection: c1
    env.create_collection('c1')
    env.db['c1'].create_index("a")
    env.db['c1'].create_index([("b", 1), ("c", -1)])
    
    # Create collection: c2
    env.create_collection('c2')
    env.db['c2'].create_index("a")
    env.db['c2'].create_index([("b", 1), ("c", -1)])
    
    # Create collection: c3
    env.create_collection('c3')
    env.db['c3'].create_index("a")
    env.db['c3'].create_index([("b", 1), ("c", -1)])
    
    # Create collection: c4
    env.create_collection('c4')
    env.db['c4'].create_index("a")
    env.db['c4'].create_index([("b", 1), ("c", -1)])
