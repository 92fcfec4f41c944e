def upgrade(env):
    # Rename collection: customer -> account
    env.db['customer'].rename('account')
    
    # Change collection: account
    env.db['account'].create_index("plan")
