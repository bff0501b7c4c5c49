"""What the library costs, beside what people would write and beside what the processor could do: `make bench`."""
