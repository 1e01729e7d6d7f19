"""What the stock peers of the benchmarks need."""
