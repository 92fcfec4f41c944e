def upgrade(env):
    # Create collection: account
    env.create_collection('account')
    env.db['account'].create_index("email", unique=True)
    
    # Drop collection: customer
    # Not done, it would destroy documents (--allow-drop-collections writes it without the comment marks):
    # env.drop_collection('customer')
