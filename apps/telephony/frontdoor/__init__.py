"""The front door: a stateless SIP proxy (RFC 3261 16.11) that owns the trunk port and leads each caller to a cell of his own."""
