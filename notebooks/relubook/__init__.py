"""The small package that the chapters of The ReLU Book share.

==================  =========================================================
``functions``       ReLU and leaky ReLU in NumPy, with their derivatives
``family``          every activation function of the book under one contract
``figures``         the look of every figure, and one colour per function
``interactive``     figures that answer to a slider
``ensemble``        many small networks trained together, each with its own seed
``study``           chapter 14's study: its grid, and its file
``tables``          tables of what was computed
``intervals``       intervals for counts and means
``vision``          folding batch normalisation into a convolution
``verdicts``        what a cell calls to decide a claim
``exercises``       the checks behind the exercises
==================  =========================================================

Nothing is imported here, so that a chapter which needs only the standard library
loads only that.
"""
