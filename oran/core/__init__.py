"""The core network's nouns: topology, what the core agent decides, what it is told."""
