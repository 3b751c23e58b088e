"""The territory: académies, establishments, agencies, waves."""
