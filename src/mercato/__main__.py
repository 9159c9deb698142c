"""`python -m mercato` is the `mercato` command."""

import sys

from mercato.cli import main

sys.exit(main())
