"""The commands of `e2sim`, a file each."""
