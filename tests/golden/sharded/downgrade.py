def downgrade(env):
    # Change collection: order
    env.unshard_collection('order')
    
    env.drop_collection('item')
