"""Where circuits run: circuits and dials in, bits out; no physics of the tasks is known here."""
