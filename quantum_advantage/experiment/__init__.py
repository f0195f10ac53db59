"""The harness of the experiment scripts."""
