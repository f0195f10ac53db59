"""Google's processors, virtual and real: placement, native gates, jobs."""
