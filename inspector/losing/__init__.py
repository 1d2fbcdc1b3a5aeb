"""What was lost with damaged bytes: offsets, records, when, whose; as far as anything tells, and not further."""

from .groups import Committed, committed_offsets
from .holes import Hole, find_holes
from .loss import Loss, ProducerLoss, losses_of
from .words import loss_in_words

__all__ = [
    "Committed",
    "Hole",
    "Loss",
    "ProducerLoss",
    "committed_offsets",
    "find_holes",
    "loss_in_words",
    "losses_of",
]
