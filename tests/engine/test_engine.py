import subprocess
import sys

import pytest

from personalization import engine
from personalization.engine.recommenders.item_knn import ItemKNN


def test_the_engine_is_usable_alone():
    script = (
        "import sys, numpy as np\n"
        "from personalization.engine import Interactions, ItemKNN\n"
        "rows = np.array([0, 0, 1], np.int32), np.array([0, 1, 0], np.int32), np.ones(3, np.float32)\n"
        "fitted = ItemKNN(similarity='cosine', neighbors=50).fit(Interactions(*rows, n_visitors=2, n_items=2))\n"
        "print(fitted.recommend(1, count=1)[0].tolist(), {'django', 'pandas', 'celery'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1] set()"


def test_names_are_imported_on_first_use():
    assert engine.ItemKNN is ItemKNN
    with pytest.raises(AttributeError, match="Pickle"):
        engine.Pickle  # noqa: B018
