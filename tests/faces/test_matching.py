"""Boxes are paired with reference boxes one to one."""

import unittest

from matching import Counts, best_pairs, count, intersection, iou, match

BOX = (10, 10, 20, 20)


class Overlap(unittest.TestCase):
    def test_of_equal_boxes_is_one(self):
        self.assertEqual(iou(BOX, BOX), 1)

    def test_of_separate_and_of_touching_boxes_is_zero(self):
        self.assertEqual(iou(BOX, (40, 10, 5, 5)), 0)
        self.assertEqual(iou(BOX, (30, 10, 20, 20)), 0)
        self.assertEqual(intersection(BOX, (40, 40, 5, 5)), 0)

    def test_is_the_common_area_relative_to_the_union(self):
        self.assertAlmostEqual(iou(BOX, (20, 10, 20, 20)), 200 / 600)
        self.assertAlmostEqual(iou(BOX, (15, 15, 10, 10)), 100 / 400)


class Pairs(unittest.TestCase):
    def test_need_enough_overlap(self):
        self.assertEqual(match([(20, 10, 20, 20)], [BOX]), [])
        self.assertEqual(match([(19, 10, 20, 20)], [BOX]), [(0, 0)])

    def test_are_as_many_as_possible(self):
        first, second = (0, 0, 20, 20), (8, 0, 20, 20)
        # The box on the second face overlaps the first more than the other box does, which overlaps only the first.
        self.assertEqual(match([(4, 0, 20, 20), (-8, 0, 20, 20)], [first, second]), [(0, 1), (1, 0)])

    def test_prefer_the_larger_overlap(self):
        self.assertEqual(match([(12, 10, 20, 20), (11, 10, 20, 20)], [BOX]), [(1, 0)])

    def test_of_an_assignment_leave_out_weights_of_zero(self):
        self.assertEqual(best_pairs([[0, 3], [0, 4], [1, 0]]), [(1, 1), (2, 0)])
        self.assertEqual(best_pairs([]), [])
        self.assertEqual(best_pairs([[], []]), [])


class Counting(unittest.TestCase):
    def test_a_second_box_on_a_face_is_wrong(self):
        self.assertEqual(count([BOX, BOX], [BOX]), Counts(right=1, wrong=1, missed=0))

    def test_boxes_elsewhere_are_wrong_and_faces_without_a_box_are_missed(self):
        self.assertEqual(count([(100, 0, 20, 20)], [BOX, (50, 50, 9, 9)]), Counts(0, 1, 2))
        self.assertEqual(count([], [BOX]), Counts(0, 0, 1))
        self.assertEqual(count([BOX], []), Counts(0, 1, 0))

    def test_is_summed_over_images(self):
        self.assertEqual(Counts(1, 2, 3) + Counts(10, 20, 30), Counts(11, 22, 33))


if __name__ == "__main__":
    unittest.main()
