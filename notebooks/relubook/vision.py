"""Convolutional networks: what chapter 10 builds and later chapters use again."""

import copy

import torch
from torch import nn


def fold_batch_norm(convolution, batch_norm):
    """Make one convolution of a convolution and the batch normalisation behind it.

    In evaluation mode batch normalisation multiplies each channel by one number and adds another,
    so it goes into the weights and the biases. What comes after it, ReLU say, stays where it is.

    Parameters
    ----------
    convolution : nn.Conv2d
        Any stride, padding, dilation and number of groups, with or without biases.
    batch_norm : nn.BatchNorm2d
        In evaluation mode, with running statistics, for as many channels as the convolution gives.

    Returns
    -------
    nn.Conv2d of the same dtype with biases. Its output differs from the two layers' by rounding.
    Nothing is shared with the arguments, and neither is changed.

    Raises
    ------
    TypeError
        Other kinds of layers.
    ValueError
        Another number of channels; training mode or no running statistics, where the factors
        depend on the batch and there is nothing to fold.

    Notes
    -----
    Jacob et al., Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference, CVPR 2018, section 3.2.
    """
    if not (isinstance(convolution, nn.Conv2d) and isinstance(batch_norm, nn.BatchNorm2d)):
        raise TypeError(
            f"fold_batch_norm: got {type(convolution).__name__} and {type(batch_norm).__name__}; "
            "allowed are Conv2d and BatchNorm2d"
        )
    if convolution.out_channels != batch_norm.num_features:
        raise ValueError(
            f"fold_batch_norm: the convolution gives {convolution.out_channels} channels and batch_norm "
            f"is for {batch_norm.num_features}; allowed are equal numbers"
        )
    if batch_norm.training or batch_norm.running_mean is None:
        raise ValueError(
            "fold_batch_norm: batch_norm normalises by the batch at hand; allowed is evaluation mode "
            "(batch_norm.eval()) with running statistics"
        )
    with torch.no_grad():
        scale = (batch_norm.running_var + batch_norm.eps) ** -0.5
        if batch_norm.weight is not None:
            scale = scale * batch_norm.weight
        bias = -batch_norm.running_mean * scale
        if convolution.bias is not None:
            bias = bias + convolution.bias * scale
        if batch_norm.bias is not None:
            bias = bias + batch_norm.bias
        folded = copy.deepcopy(convolution)
        folded.weight.copy_(convolution.weight * scale[:, None, None, None])
        folded.bias = nn.Parameter(bias.to(convolution.weight.dtype))
    return folded
