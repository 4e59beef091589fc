"""What `bench.trends` is made of."""
