"""Where reports go: an xApp over HTTP, or a file of JSON lines."""
