"""The peer that ingest is measured against: what one writes after the tutorials, on the same tables."""
