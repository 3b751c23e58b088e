"""Who is who: people, rights, trail, background jobs."""
