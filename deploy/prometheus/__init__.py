"""Rules for Prometheus, made of `syncd.alerting`, and an example of routing for Alertmanager."""
