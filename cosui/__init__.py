"""The follow-up committee (COSUI): meetings, agenda, briefings."""
