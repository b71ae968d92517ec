"""Dashboards for Grafana, built by its foundation SDK; the JSON beside this is made from them."""
