"""What a placed sampler asks of the simulator, or of the service, behind it."""

from quantum_advantage.backends.opening import open_backend


class _Kept:
    """Takes the place of a simulator, and keeps what it is asked."""

    def sample_table(self, request):
        self.request = request
        raise StopIteration


def native_request(name, request):
    """The native request that a processor makes of a request."""
    sampler, kept = open_backend(name).make(1), _Kept()
    sampler._inner = kept
    try:
        sampler.sample_table(request)
    except StopIteration:
        return kept.request
    raise AssertionError("nothing was asked")
