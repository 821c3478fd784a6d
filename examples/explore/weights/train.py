#!/usr/bin/env python3
"""Trains the small digits network of xcim-explore and writes digits_cnn.safetensors.

    xcim-explore --dump-digits DIR
    python3 train.py DIR digits_cnn.safetensors

Needs PyTorch and NumPy. The network is the one of examples/networks/digits_cnn.hpp. Training sees what the macro will
do: 8-bit weights and activations (straight-through gradients), and on the output of every layer that runs on the
macro the Gaussian noise that a bit-serial readout with a random sigma per column sum adds up to.
"""
import json
import math
import struct
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional

SEED = 7
EPOCHS = 20
BATCH = 100
ROWS = 255          # rows of one array, as in the program's default design
NOISE_PERCENT = 0.5  # largest sigma per column sum met in training, percent of full scale
BITS = 8
CEILING = 2.0       # activations are clipped here, so that no outlier sets the scale of a whole batch
WEIGHT_SPREAD = 2.5  # weights are clipped at so many standard deviations, for the same reason


def rounded(value):
    """Rounds with the gradient of the identity."""
    return value + (torch.round(value) - value).detach()


def symmetric(weight):
    """Signed max-abs quantiser of the whole tensor; returns the quantised tensor and its scale."""
    scale = weight.detach().abs().max() + 1e-7
    steps = 2 ** (BITS - 1) - 1
    return rounded(weight / scale * steps) / steps * scale, scale


def unsigned(activation):
    """Quantiser of non-negative activations, scale = maximum of the batch."""
    scale = activation.detach().max() + 1e-7
    steps = 2**BITS - 1
    return rounded(torch.clamp(activation / scale, 0, 1) * steps) / steps * scale, scale


def readout_noise(outputs, weight_scale, input_scale, tiles, sigma):
    """Noise of all bit-serial conversions of an output: sum of 4^(i + j) over the bits i, j, in codes of the product."""
    codes = ROWS * (4**BITS - 1) / 3 * math.sqrt(tiles)
    one = weight_scale * input_scale / ((2 ** (BITS - 1) - 1) * (2**BITS - 1))
    return outputs + torch.randn_like(outputs) * (sigma * codes * one)


def activation(x):
    return torch.clamp(x, 0, CEILING)


class DigitsCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, stride=2, padding=1)   # digital, W8A8
        self.conv2 = nn.Conv2d(16, 28, 3, padding=1)            # 144 rows
        self.conv3 = nn.Conv2d(28, 56, 3, stride=2, padding=1)  # 252 rows
        self.linear = nn.Linear(56 * 4 * 4, 10)                 # 896 rows: four tiles

    def on_macro(self, layer, x, tiles, sigma):
        weight, weight_scale = symmetric(layer.weight)
        x, input_scale = unsigned(x)
        if isinstance(layer, nn.Conv2d):
            y = functional.conv2d(x, weight, stride=layer.stride, padding=layer.padding)
            bias = layer.bias[:, None, None]
        else:
            y = functional.linear(x, weight)
            bias = layer.bias
        return readout_noise(y, weight_scale, input_scale, tiles, sigma) + bias

    def forward(self, x, sigma):                                # x: (N, 1, 28, 28) in 0..1
        x = activation(self.conv1(x))                      # (N, 16, 14, 14)
        x = activation(self.on_macro(self.conv2, x, 1, sigma))
        x = functional.avg_pool2d(x, 2)                         # (N, 28, 7, 7)
        x = activation(self.on_macro(self.conv3, x, 1, sigma))
        return self.on_macro(self.linear, x.flatten(1), 4, sigma)

    def exact(self, x):
        x = activation(self.conv1(x))
        x = functional.avg_pool2d(activation(self.conv2(x)), 2)
        return self.linear(activation(self.conv3(x)).flatten(1))


def load(folder, split):
    images = numpy.load(f"{folder}/digits_{split}_images.npy")  # (N, 1, 28, 28) u8
    labels = numpy.load(f"{folder}/digits_{split}_labels.npy")  # (N,)
    return torch.from_numpy(images).float() / 255, torch.from_numpy(labels.astype(numpy.int64))


@torch.no_grad()
def clip_weights(net):
    for layer in (net.conv2, net.conv3, net.linear):
        limit = WEIGHT_SPREAD * layer.weight.std()
        layer.weight.clamp_(-limit, limit)


def train(net, images, labels):
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        order = torch.randperm(len(images))
        total = 0.0
        for first in range(0, len(images) - BATCH + 1, BATCH):
            pick = order[first : first + BATCH]
            sigma = float(torch.rand(())) * min(1, epoch / 4) * NOISE_PERCENT / 100
            loss = functional.cross_entropy(net(images[pick], sigma), labels[pick])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            clip_weights(net)
            schedule.step()
            total += float(loss) * len(pick)
        print(f"epoch {epoch + 1:2}: loss {total / len(images):.4f}", flush=True)


@torch.no_grad()
def accuracy(run, images, labels):
    hits = sum(int((run(images[i : i + 50]).argmax(1) == labels[i : i + 50]).sum()) for i in range(0, len(images), 50))
    return hits / len(images)


def save(path, tensors):
    """The safetensors format: header length, JSON header, raw little-endian data."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    folder, target = sys.argv[1:3]
    torch.manual_seed(SEED)
    net = DigitsCnn()
    train(net, *load(folder, "train"))
    test = load(folder, "test")
    print(f"float: {100 * accuracy(net.exact, *test):.2f} %")
    for percent in (0, 0.1, 0.2, 0.5, 1):
        print(f"W8A8, noise {percent} %: {100 * accuracy(lambda x: net(x, percent / 100), *test):.2f} %")
    save(target, dict(net.named_parameters()))


if __name__ == "__main__":
    main()
