"""Ids and labels of streams are scored against known people."""

import unittest

from tracks import Score, Seen, label_changes, score

LEFT, RIGHT, ELSEWHERE = (0, 0, 20, 20), (100, 0, 20, 20), (50, 200, 20, 20)


def face(face_id, box, label="neutral"):
    return {"face_id": face_id, "box": dict(zip(("x", "y", "width", "height"), box)), "dominant_emotion": label}


def both(*ids):
    """The reported faces of a frame in which these ids are at the left and the right person."""
    return [face(ids[0], LEFT), face(ids[1], RIGHT)]


PEOPLE = {"ann": Seen(LEFT), "bob": Seen(RIGHT)}


class Scoring(unittest.TestCase):
    def test_constant_ids_are_perfect(self):
        result = score([PEOPLE] * 3, [both(1, 2)] * 3)
        self.assertEqual(result, Score(faces=6, found=6, reported=6, identified=6))
        self.assertEqual(result.idf1, 1)

    def test_ids_that_are_exchanged_change_twice(self):
        result = score([PEOPLE] * 4, [both(1, 2)] * 3 + [both(2, 1)])
        self.assertEqual((result.id_changes, result.identified, result.idf1), (2, 6, 0.75))

    def test_a_person_who_returns_under_another_id_changes_once(self):
        away = {"bob": PEOPLE["bob"]}
        result = score([PEOPLE, PEOPLE, away, PEOPLE], [both(1, 2), both(1, 2), [face(2, RIGHT)], both(3, 2)])
        self.assertEqual((result.id_changes, result.phantom_ids, result.found), (1, 0, 7))
        self.assertAlmostEqual(result.idf1, 2 * 6 / 14)

    def test_missed_faces_lower_idf1_but_are_no_change(self):
        result = score([PEOPLE] * 3, [both(1, 2), [face(1, LEFT)], both(1, 2)])
        self.assertEqual((result.faces, result.found, result.id_changes), (6, 5, 0))
        self.assertAlmostEqual(result.idf1, 2 * 5 / 11)

    def test_an_id_that_is_never_at_a_person_is_a_phantom(self):
        result = score([PEOPLE] * 2, [[*both(1, 2), face(9, ELSEWHERE)]] * 2)
        self.assertEqual((result.phantom_ids, result.wrong), (1, 2))

    def test_an_id_that_leaves_its_person_is_wrong_but_no_phantom(self):
        result = score([{"ann": Seen(LEFT)}] * 2, [[face(1, LEFT)], [face(1, ELSEWHERE)]])
        self.assertEqual((result.phantom_ids, result.wrong, result.found), (0, 1, 1))

    def test_hidden_faces_do_not_count(self):
        hidden = {"ann": Seen(LEFT), "bob": Seen(RIGHT, hidden=True)}
        for reported in (both(1, 2), [face(1, LEFT)]):
            result = score([PEOPLE, hidden], [both(1, 2), reported])
            self.assertEqual((result.faces, result.found, result.reported, result.phantom_ids), (3, 3, 3, 0))

    def test_nothing_to_find_and_nothing_reported_is_perfect(self):
        self.assertEqual(score([{}], [[]]).idf1, 1)
        self.assertEqual(score([{}], [[face(1, LEFT)]]).idf1, 0)

    def test_streams_of_different_lengths_are_an_error(self):
        with self.assertRaises(ValueError):
            score([PEOPLE], [])

    def test_scores_are_summed_over_streams(self):
        total = Score(1, 2, 3, 4, 5, 6) + Score(10, 20, 30, 40, 50, 60)
        self.assertEqual(total, Score(11, 22, 33, 44, 55, 66))


class Labels(unittest.TestCase):
    def test_changes_are_counted_for_each_id(self):
        reported = [[face(1, LEFT, "neutral"), face(2, RIGHT, "sadness")],
                    [face(1, LEFT, "anger"), face(2, RIGHT, "sadness")],
                    [face(1, LEFT, "neutral")]]
        self.assertEqual(label_changes(reported, fps=10), (2, 0.5))

    def test_faces_without_a_label_are_left_out(self):
        reported = [[face(1, LEFT, "anger")], [face(1, LEFT, None)], [face(1, LEFT, "anger")]]
        self.assertEqual(label_changes(reported, fps=10), (0, 0.2))


if __name__ == "__main__":
    unittest.main()
