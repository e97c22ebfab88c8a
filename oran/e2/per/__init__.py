"""Aligned Packed Encoding Rules (ITU-T X.691) as small types that read, write and name values."""
