def test_negative_seed_is_refused_in_one_line(refused):
    line = refused("certify", "x.csv", "--seed", "-1")
    assert "--seed" in line
    assert "at least 0" in line
