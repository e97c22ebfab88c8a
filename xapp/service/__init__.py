"""What runs around the decision core: bundles, state per cell, metrics and the process."""
