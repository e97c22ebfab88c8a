"""Tests of what is shipped: images, compose, rules, dashboards."""
