"""One page about a whole run: figures, tables, preflight, jobs, certificates, provenance."""
