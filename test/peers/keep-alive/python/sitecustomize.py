"""Makes Python and botocore work under libfaketime, in which a minute takes a second."""
import select
import time

import botocore.utils

# the sleep of Python 3.11 fails under libfaketime, which does not know its clock
time.sleep = lambda seconds: select.select([], [], [], seconds)
# libfaketime shortens this timeout as well: this is the real one
botocore.utils.ContainerMetadataFetcher.TIMEOUT_SECONDS *= 60
