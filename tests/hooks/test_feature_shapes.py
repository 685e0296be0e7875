from __future__ import annotations

from cnn_tutorial.hooks import FeatureShapes
from hooked_models import hooks_on


class TestFeatureShapes:
    def test_shapes(self, net, x):
        before = hooks_on(net)
        with FeatureShapes(net) as shapes:
            net(x)
        assert shapes.shapes == {
            "conv": (7, 3, 3, 9),
            "head.0": (7, 5),
            "head.1": (7, 5),
        }
        assert hooks_on(net) == before

    def test_table(self, net, x):
        with FeatureShapes(net, ["conv", ""]) as shapes:
            net(x)
        lines = str(shapes).splitlines()
        assert lines[2].split() == ["conv", "Conv2d", "7", *"×3×3×9"]
        assert lines[3].startswith("(the model)")
