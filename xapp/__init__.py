"""The near-RT RIC xApp: a pure decision core and the service around it."""
