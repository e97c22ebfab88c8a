"""The nouns of the O-RAN and 3GPP standards, shared by both ends of the wire."""
