"""SQLite as Django has it, with writers taking turns."""
