"""The constants of networks, without NumPy, so that the build needs only Python itself."""

from array import array
from dataclasses import dataclass

FLOAT32, INT64 = "f", "q"  # type codes of the module array


@dataclass(frozen=True)
class Constant:
    shape: tuple
    values: array

    def channels_first(self):
        """The weights of convolutions, [outputs, height, width, inputs], as [outputs, inputs, height, width]."""
        outputs, height, width, inputs = self.shape
        size = height * width * inputs
        values = array(self.values.typecode)
        for start in range(0, outputs * size, size):
            for channel in range(inputs):
                values.extend(self.values[start + channel : start + size : inputs])
        return Constant((outputs, inputs, height, width), values)

    def reshaped(self, *shape):
        return Constant(shape, self.values)


def floats(shape, values):
    return Constant(shape, array(FLOAT32, values))


def integers(*values):
    """A vector of int64."""
    return Constant((len(values),), array(INT64, values))
