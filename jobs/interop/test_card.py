"""Another engine, pmml4s, reads the PMML that CardEnginesTest left, and gives every case the same points and probability."""

import json
import pathlib
import unittest

from pypmml import Model, PMMLContext

CARD = pathlib.Path(__file__).resolve().parents[1] / "target" / "card"


class CardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = [json.loads(line) for line in (CARD / "cases.jsonl").read_text(encoding="utf-8").splitlines()]

    @classmethod
    def tearDownClass(cls):
        PMMLContext.shutdown()

    def scored(self, document):
        model = Model.fromFile(str(CARD / document))
        inputs = ["amount", 'days "open"', "kind"]
        return [model.predict({name: case[name] for name in inputs}) for case in self.cases]

    def test_points(self):
        for number, (case, scored) in enumerate(zip(self.cases, self.scored("points.pmml"), strict=True)):
            self.assertEqual(scored["points"], case["points"], f"case {number}: {case}")

    def test_probability(self):
        for number, (case, scored) in enumerate(zip(self.cases, self.scored("probability.pmml"), strict=True)):
            self.assertAlmostEqual(scored["probability"], case["probability"], delta=1e-12, msg=f"case {number}: {case}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
