def upgrade(env):
    # Change collection: order
    env.shard_collection('order', {'customer': 'hashed'})
    
    # Create collection: item
    env.create_collection('item')
    env.shard_collection('item', {'sku': 1}, unique=True)
    env.db['item'].create_index("sku")
