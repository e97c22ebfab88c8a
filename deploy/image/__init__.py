"""Parts of the images: what is installed, trimmed, warmed up and probed."""
