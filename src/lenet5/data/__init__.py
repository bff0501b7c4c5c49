"""MNIST: fetched by hash, read, prepared, distorted, batched."""
