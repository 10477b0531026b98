"""Dead letters that are missing, repeated, or owed by nobody are told from those that are right."""
import os
import tempfile
import unittest

import dead_letters
import model
from verifier_test import EU, US, Run


def planted():
    """A run with one document that no key can be made of; (run, its dead letter)."""
    run = Run().good_run()
    identifier, body, key = model.poison("no-id", 7)
    run.books.poison_keys[identifier] = key
    run.books.undeliverable[dead_letters.digest(body)] = identifier
    run.write(identifier, kind="raw")
    return run, {"reason": "no_id", "sha256": dead_letters.digest(body)}


class DeadLetters(unittest.TestCase):
    def test_one_for_each_target_is_right(self):
        run, record = planted()
        found = dead_letters.judge(run.books, {"eu": [record], "us": [record]})
        self.assertEqual((found.owed, found.missing, found.written, found.repeated), (2, [], 2, 0))
        self.assertEqual(found.failures(), [])

    def test_one_that_is_missing_is_told(self):
        run, record = planted()
        found = dead_letters.judge(run.books, {"eu": [record], "us": []})
        self.assertEqual(found.missing, [("us", "poison|no-id-7")])
        self.assertIn("1 of 2 dead letters are missing", found.failures()[0])

    def test_one_of_another_document_does_not_count(self):
        run, record = planted()
        _, other, _ = model.poison("no-id", 8)
        found = dead_letters.judge(run.books, {"eu": [record], "us": [record | {"sha256": dead_letters.digest(other)}]})
        self.assertEqual(found.missing, [("us", "poison|no-id-7")])
        self.assertEqual(found.others, {"no_id": 1})

    def test_a_document_that_was_never_written_is_not_owed(self):
        run, record = planted()
        run.books.undeliverable["0"] = "poison|no-id-9"
        self.assertEqual(dead_letters.judge(run.books, {"eu": [record], "us": [record, record]}).repeated, 1)
        self.assertEqual(dead_letters.judge(run.books, {"eu": [record], "us": [record]}).owed, 2)

    def test_a_refused_message_is_owed_unless_it_arrived(self):
        run, record = planted()
        for identifier in ("huge|1", "huge|2"):
            run.books.excuse("eu", model.keys_of(model.WHISKS, identifier)[0])
        run.write("huge|1")
        run.message(EU, run.write("huge|2"))
        found = dead_letters.judge(run.books, {"eu": [record], "us": [record]})
        self.assertEqual(found.missing, [("eu", "huge/1")])
        refused = {"reason": "refused", "id": "huge/1"}
        found = dead_letters.judge(run.books, {"eu": [record, refused], "us": [record]})
        self.assertEqual((found.missing, found.owed), ([], 3))

    def test_unlike_documents_have_unlike_bytes(self):
        for kind, (_, usable) in model.POISONS.items():
            bodies = {model.poison(kind, n)[1] for n in range(3)}
            self.assertTrue(usable or len(bodies) == 3, kind)

    def test_a_line_that_was_cut_stands_for_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            path = dead_letters.file_of(folder, US.name)
            self.assertEqual(dead_letters.read(path), [])
            with open(path, "w", encoding="utf-8") as f:
                f.write('{"reason":"no_id"}\n{"reas\n\n{"reason":"damaged"}\n')
            self.assertEqual([r["reason"] for r in dead_letters.read(path)], ["no_id", "damaged"])
            self.assertEqual(os.path.basename(path), "dead-letters-us")


if __name__ == "__main__":
    unittest.main()
