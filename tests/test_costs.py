"""What LeNet-5 costs, counted; connections against those found by trying every input of every unit."""

from lenet5.costs import connections, count_lenet5
from lenet5.models.lenet import LeNet5
from lenet5.models.sizes import PAPER_SIZES
from tests.models.test_lenet import CONNECTIONS


def test_connections_of_each_layer_are_those_that_its_units_depend_on() -> None:
    assert connections(LeNet5("rbf", PAPER_SIZES)) == CONNECTIONS


def test_counts_are_the_papers_where_the_paper_states_them() -> None:
    counted = count_lenet5()
    assert (counted.connections, counted.trainable) == (340_908, 60_000)
    assert counted.fixed == 10 * 84
    # Fig. 11 has 401 thousand: neither of the two, but their sum.
    assert round((counted.connections + counted.trainable) / 1000) == 401
