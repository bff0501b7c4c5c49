"""What users get from a trained network: the probabilities of eq. 9, rejection by margin, and raw images."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lenet5.data.patterns import network_input
from lenet5.evaluation import scores_of
from lenet5.models.lenet import build
from lenet5.models.losses import training_loss
from lenet5.models.sizes import PAPER_SIZES
from lenet5.recogniser import Description, Recogniser, checked_images, greys_of, rejection_threshold
from lenet5.rejection import margins
from tests.made_networks import images

NETWORKS = [("lenet5", "rbf"), ("lenet5", "softmax"), ("lenet5-modern", "softmax")]


def recogniser(network: str, head: str) -> Recogniser:
    description = Description(network, head, PAPER_SIZES, j=2.0, energy_scale=0.03, rejection_threshold=5.0)
    return Recogniser(description, build(network, head, seed=4).state_dict())


@pytest.mark.parametrize(("network", "head"), NETWORKS)
def test_scores_are_those_that_the_pipeline_computes(network: str, head: str) -> None:
    greys = images(7)
    expected = scores_of(build(network, head, seed=4), torch.from_numpy(network_input(greys))).numpy()
    np.testing.assert_allclose(recogniser(network, head).scores(greys), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("network", "head"), NETWORKS)
def test_probabilities_are_those_whose_logarithm_was_trained(network: str, head: str) -> None:
    trained = recogniser(network, head)
    scores = -np.random.default_rng(0).uniform(0, 400, (5, 10))
    labels = np.array([3, 1, 4, 1, 5])
    found = trained.probabilities(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found.shape == (5, 11)
    assert (found[:, 10] == 0).all() == (head == "softmax")
    loss = training_loss(head, torch.from_numpy(scores), torch.from_numpy(labels), j=2.0, energy_scale=0.03)
    np.testing.assert_allclose(-np.log(found[np.arange(5), labels]).mean(), loss.item())


def test_far_from_every_code_it_is_rubbish() -> None:
    (answer,) = [recogniser("lenet5", "rbf").probabilities(np.full((1, 10), -1e6))]
    np.testing.assert_array_equal(answer, [[0] * 10 + [1]])


def test_a_margin_below_the_threshold_is_rejected() -> None:
    trained, greys = recogniser("lenet5", "rbf"), images(50)
    margin = margins(trained.scores(greys))
    ordered = np.sort(trained.scores(greys), axis=1)
    np.testing.assert_array_equal(margin, ordered[:, 9] - ordered[:, 8])
    assert [answer["reject"] for answer in trained.answers(greys)] == (margin < 5.0).tolist()
    assert [answer["reject"] for answer in trained.answers(greys, threshold=9.0)] == (margin < 9.0).tolist()


def test_the_threshold_rejects_the_share_of_the_training_patterns() -> None:
    scores = np.random.default_rng(0).normal(size=(10_000, 10)).astype(np.float32)
    assert (margins(scores) < rejection_threshold(scores)).sum() == 180


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 3), st.just(28), st.just(28))))
def test_images_come_back_from_the_input_of_the_network(greys: np.ndarray) -> None:
    np.testing.assert_array_equal(greys_of(network_input(greys)), greys)


@given(st.data(), st.sampled_from([np.uint8, np.int64, np.float32]))
def test_images_are_whole_numbers_up_to_255(data: st.DataObject, kind: type) -> None:
    greys = {"min_value": 0, "max_value": 255}
    array = data.draw(arrays.arrays(kind, (2, 28, 28), elements=greys))
    if (array == np.rint(array)).all():
        np.testing.assert_array_equal(checked_images(array), array)
        np.testing.assert_array_equal(checked_images(array[0].tolist()), array[:1])
    else:
        with pytest.raises(ValueError, match="expected one image"):
            checked_images(array)


@pytest.mark.parametrize(
    "value", [None, object(), np.ones((28, 28), bool), np.full((28, 28), "7"), np.zeros((0, 28, 28))]
)
def test_anything_else_is_no_image(value: object) -> None:
    with pytest.raises(ValueError, match=r"expected one image \[28, 28\] or several"):
        checked_images(value)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(RuntimeError):
        Recogniser(recogniser("lenet5", "rbf").description, build("lenet5-modern", "softmax").state_dict())
