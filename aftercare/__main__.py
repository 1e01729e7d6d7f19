"""`python -m aftercare`."""

from aftercare.cli import main

raise SystemExit(main())
