"""The schedule of a training of 1998, and how what the paper leaves open is read. No torch, as params must not."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat

from lenet5.blocks import Block


class Conventions(Block):
    """What the paper leaves open or says in two ways; docs/paper.md tells what each choice does."""

    initial_weights: Literal["fan-in", "sqrt-fan-in"]
    """Uniform in ±2.4/F (section III.B, to the letter) or ±2.4/sqrt(F), F the inputs of the unit."""
    initial_biases: Literal["zero", "drawn"]
    """0, or drawn as the weights of their unit."""
    initial_coefficients: Literal["average", "drawn"]
    """So that a subsampling unit starts as the average of its inputs, or drawn as weights with F = 4."""
    subsampling: Literal["averaged", "added"]
    """The four inputs are averaged (section II.A) or added (II.B): the trained coefficient's rate differs."""
    energy: PositiveFloat
    """The factor of the penalties in the loss: 1 as in eq. 8, or 1/2 as a squared distance usually has."""
    loss: Literal["mle", "map"]
    """Eq. 8, or eq. 9 with the constant j."""
    j: Annotated[float, Field(ge=0)]
    """Of eq. 9's rubbish class; eq. 8 has none."""
    curvature: Literal["penalty", "loss"]
    """The curvatures are those of the right class's penalty alone, or of all of eq. 9. The latter vanish where a
    pattern is recognised, and rates with them rise."""
    order: Literal["constant", "anew"]
    """One random order for all passes (section III.B), or another one in each."""


class Schedule(Block):
    """The stochastic diagonal Levenberg-Marquardt method's settings (section III.B, appendix C)."""

    rates: Annotated[tuple[PositiveFloat, ...], Field(min_length=1)]
    """The global learning rate eta of each pass."""
    mu: PositiveFloat
    """Keeps a weight's rate eta / (mu + h_kk) from growing where there is no curvature (eq. 21)."""
    curvature_patterns: Annotated[int, Field(ge=1, le=60_000)]
    """On so many patterns the curvatures are estimated before each pass."""
