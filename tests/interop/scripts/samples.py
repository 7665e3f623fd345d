"""The arrays that both languages know: `samples.rs` builds the same ones."""

import numpy as np

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool", *INTEGERS, *FLOATS, *COMPLEX]

#: 0, -0, 1.5, -2.25, the infinities, NaN, NaNs with a payload (one signalling, one negative), the smallest and the
#: largest number, and the step at 1
FLOAT_BITS = {
    "float16": [
        0x0000, 0x8000, 0x3E00, 0xC080, 0x7C00, 0xFC00, 0x7E00, 0x7C01, 0xFE12, 0x0001, 0x7BFF, 0x1400,
    ],
    "float32": [
        0x00000000, 0x80000000, 0x3FC00000, 0xC0100000, 0x7F800000, 0xFF800000,
        0x7FC00000, 0x7F800001, 0xFFC12345, 0x00000001, 0x7F7FFFFF, 0x34000000,
    ],
    "float64": [
        0x0000000000000000, 0x8000000000000000, 0x3FF8000000000000, 0xC002000000000000,
        0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF0000000000001,
        0xFFF8123456789ABC, 0x0000000000000001, 0x7FEFFFFFFFFFFFFF, 0x3CB0000000000000,
    ],
}  # fmt: skip


def elements(dtype: str) -> np.ndarray:
    """Twelve elements that are hard on a format."""
    if dtype == "bool":
        return np.arange(12) % 3 == 0
    if dtype in INTEGERS:
        limits = np.iinfo(dtype)
        return np.array([limits.min, limits.max, 0, 1, 2, 3, 5, 8, 13, 21, 34, 55], dtype)
    if dtype in FLOATS:
        bits = FLOAT_BITS[dtype]
        return np.array(bits, f"u{np.dtype(dtype).itemsize}").view(dtype)
    parts = elements("float32" if dtype == "complex64" else "float64")
    return np.stack([parts, parts[::-1]], axis=1).reshape(-1).view(dtype)


def arrays(dtype: str) -> dict[str, np.ndarray]:
    """Arrays of every shape and order."""
    vector = elements(dtype)
    matrix = vector.reshape(3, 4)
    return {
        "scalar": vector[1:2].reshape(()),
        "empty": vector[:0].reshape(0, 3),
        "vector": vector,
        "matrix": matrix,
        "fortran": np.asfortranarray(matrix),
        "strided": matrix[::2, ::-1],
        "cube": vector.reshape(2, 3, 2),
        "permuted": vector.reshape(2, 3, 2).transpose(2, 0, 1),
    }


def large(dtype: str) -> np.ndarray:
    """300 × 100 elements: the twelve again and again."""
    return np.tile(elements(dtype), 2_500).reshape(300, 100)
