"""Takes the files of the territory in: each importer plans what a file would do; `batches` holds the verbs."""
