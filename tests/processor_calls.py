"""Wrong names of processors, and an environment without credentials."""

WRONG_PLACES = [
    (["weber", "--pairs", "25"], ["weber holds 24 disjoint pairs, not 25"]),
    (["rainbow", "--pairs", "9"], ["rainbow holds 8 disjoint pairs, not 9"]),
    (["nope", "--pairs", "2"], ["'nope'", "rainbow, weber, willow_pink"]),
    (["qvm:nope", "--pairs", "2"], ["'nope'", "rainbow, weber, willow_pink"]),
    (["qsim:readout=0.1", "--pairs", "2"], ["'qsim:readout=0.1'", "no processor"]),
    (["qvm:weber,pairs=0.5-3.3", "--pairs", "1"], ["q(0, 5)", "q(3, 3)", "weber"]),
    (["qvm:weber,pairs=3.3-9.9", "--pairs", "1"], ["q(9, 9)", "weber"]),
    (["qvm:weber,pairs=3.3-3.2+3.2-4.2", "--pairs", "2"], ["q(3, 2)", "two of the named pairs"]),
    (["qvm:weber,pairs=3.3-3.2", "--pairs", "2"], ["1 pairs are named, and 2 are needed"]),
    (["qvm:weber,pairs=3.3", "--pairs", "1"], ["'3.3'", "row.column-row.column"]),
    (["qvm:weber,pairs=3.3-3.2,4.3-4.4", "--pairs", "1"], ["qvm:weber,pairs=3.3-3.2,4.3-4.4"]),
    (["qvm:weber,pears=3.3-3.2", "--pairs", "1"], ["'pears'"]),
    (["qvm:weber", "--pairs", "0"], ["--pairs", "'0'", "at least 1"]),
    (["qvm:weber", "--pairs", "x"], ["--pairs", "'x'", "at least 1"]),
    (["qvm:weber"], ["--pairs"]),
    (["engine:chip", "--pairs", "1"], ["'engine:chip'", "engine:PROJECT/PROCESSOR"]),
]

NO_CREDENTIALS = (
    "no Google Cloud credentials were found; run: gcloud auth application-default login"
)


def hidden_credentials(folder):
    """Returns what an environment without credentials sets, and what it does not set."""
    given = {"HOME": str(folder), "CLOUDSDK_CONFIG": str(folder), "NO_GCE_CHECK": "true"}
    return given, ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT")
