"""Folding batch normalisation, against PyTorch's own folding and against the two layers."""

import copy

import pytest
import torch
from relubook.vision import fold_batch_norm
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def layers(seed=0, dtype=torch.float64, bias=True, affine=True, **options):
    """A convolution and a normalisation that has seen data, both with numbers of their own."""
    generator = torch.Generator().manual_seed(seed)
    options = {"kernel_size": 3, "groups": 2, **options}
    convolution = nn.Conv2d(4, 6, bias=bias, **options).to(dtype)
    norm = nn.BatchNorm2d(6, affine=affine, eps=1e-3).to(dtype)
    for tensor in (norm.running_mean, *(p.data for p in norm.parameters())):
        tensor.copy_(torch.randn(tensor.shape, generator=generator, dtype=dtype))
    norm.running_var.copy_(torch.rand(6, generator=generator, dtype=dtype) + 0.1)
    return convolution.eval(), norm.eval(), torch.randn(2, 4, 9, 9, generator=generator, dtype=dtype)


@pytest.mark.parametrize("options", [
    {}, {"bias": False}, {"affine": False}, {"stride": 2}, {"padding": 1, "dilation": 2},
    {"groups": 1, "kernel_size": (1, 5)}, {"padding": 1, "padding_mode": "reflect"},
])
def test_folded_equals_the_two_layers_and_pytorchs_folding(options):
    convolution, norm, x = layers(**options)
    folded = fold_batch_norm(convolution, norm)
    torch.testing.assert_close(folded(x), norm(convolution(x)), rtol=1e-12, atol=1e-12)
    if options != {"affine": False}:
        reference = fuse_conv_bn_eval(convolution, norm)
        torch.testing.assert_close(folded.weight, reference.weight, rtol=1e-14, atol=1e-14)
        torch.testing.assert_close(folded.bias, reference.bias, rtol=1e-13, atol=1e-13)


def test_dtype_is_kept_and_float32_is_off_by_rounding_only():
    convolution, norm, x = layers(dtype=torch.float32)
    folded = fold_batch_norm(convolution, norm)
    assert folded.weight.dtype == folded.bias.dtype == torch.float32
    torch.testing.assert_close(folded(x), norm(convolution(x)), rtol=1e-4, atol=1e-5)


def test_nothing_is_changed_or_shared():
    convolution, norm, _ = layers()
    before = copy.deepcopy((convolution.state_dict(), norm.state_dict()))
    folded = fold_batch_norm(convolution, norm)
    with torch.no_grad():
        folded.weight.zero_()
        folded.bias.zero_()
    for state, old in zip((convolution.state_dict(), norm.state_dict()), before, strict=True):
        assert all(torch.equal(state[name], old[name]) for name in old)


def test_what_cannot_be_folded_is_refused():
    convolution, norm, _ = layers()
    with pytest.raises(ValueError, match="normalises by the batch at hand"):
        fold_batch_norm(convolution, norm.train())
    with pytest.raises(ValueError, match="normalises by the batch at hand"):
        fold_batch_norm(convolution, nn.BatchNorm2d(6, track_running_stats=False).eval())
    with pytest.raises(ValueError, match="gives 6 channels and batch_norm is for 5"):
        fold_batch_norm(convolution, nn.BatchNorm2d(5).eval())
    with pytest.raises(TypeError, match="got Linear and BatchNorm2d"):
        fold_batch_norm(nn.Linear(4, 6), norm)
