def upgrade(env):
    # Create collection: _user
    env.create_collection('_user')
    env.db['_user'].create_index("email", unique=True)
    env.db['_user'].create_index([("org_id", 1), ("created_at", -1)], name='org_idx')
    
    # Create collection: plan
    env.create_collection('plan')
