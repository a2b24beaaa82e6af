from personalization.engine.memory import peak_rss_mb


def test_the_peak_never_falls():
    before = peak_rss_mb()
    held = bytearray(64 << 20)
    during = peak_rss_mb()
    del held
    assert 1 < before <= during <= peak_rss_mb() < 100_000
