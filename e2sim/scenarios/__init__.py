"""Scenarios that come with the package, as YAML; `e2sim.scenario.load_scenario` reads them."""
