"""What surrounds the programs: image parts, Prometheus, Alertmanager, Grafana, and their checks."""
