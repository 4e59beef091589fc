"""Pages for everyone and for staff, one module per group of readers."""
