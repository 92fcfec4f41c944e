def upgrade(env):
    # Change collection: user
    env.db['user'].drop_index('tmp_1')
    
    # Drop collection: scratch
    env.drop_collection('scratch')
    
    # Drop view: recent
    env.drop_collection('recent')
