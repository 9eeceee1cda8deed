"""Web requests of call flows: what is ordered (orders.py), whom one may call (targets.py), HTTP (http.py), the process (fetcher.py)."""
