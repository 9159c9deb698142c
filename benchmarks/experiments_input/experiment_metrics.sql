-- By which metrics are the experiments read?
from metrics
