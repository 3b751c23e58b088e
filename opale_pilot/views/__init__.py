"""Pages that need every room: the door, the cockpit, the figures."""
