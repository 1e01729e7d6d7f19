"""Plain Python: orders, cases, policy, money and time. Imports nothing of ours."""
