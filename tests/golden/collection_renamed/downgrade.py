def downgrade(env):
    # Rename collection: account -> customer
    env.db['account'].rename('customer')
    
    # Change collection: customer
    env.db['customer'].drop_index('plan_1')
