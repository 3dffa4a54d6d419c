"""The computation of all-MiniLM-L6-v2 without its weights, so that a question is embedded without loading torch."""
