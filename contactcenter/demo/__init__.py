"""The demo company: one small, complete installation used by `make run`, by tests and in the documentation."""
