"""From who answered to whom they stand for: the margins of each area, and the wave's weights."""

from survey_lib.weighting.pooling import common_labels, pool, pool_logs
from survey_lib.weighting.weights import WeightedSurvey, weight

__all__ = ["WeightedSurvey", "common_labels", "pool", "pool_logs", "weight"]
