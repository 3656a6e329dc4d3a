"""The log alone: store, Merkle tree, checkpoint, receipt. Knows nothing of cables or parties."""
