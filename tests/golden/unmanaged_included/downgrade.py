def downgrade(env):
    # Change collection: user
    env.db['user'].create_index("tmp")
    
    # Create collection: scratch
    env.create_collection('scratch')
    
    # Create view: recent
    env.create_collection('recent', viewOn='user')
