"""Measurements that anybody can repeat; `README.md` holds what was measured, and how."""
