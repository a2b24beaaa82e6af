"""Who has no torch skips these tests, unless the extra is asked for."""

from typing import Final

import pytest

from tests.contrib.wanted import wanted

needs_torch: Final = pytest.mark.skipif(not wanted("torch", "neural"), reason="needs the extra [neural]")
